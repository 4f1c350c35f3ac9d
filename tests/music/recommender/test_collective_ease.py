"""The closed form against its definition, and its approximation against the closed form."""

import numpy as np
import pytest
from scipy import sparse

from music.recommender import clustering, collective_ease, decomposition, list_building
from music.recommender.collective_ease import ModelSettings, fit_collective, weigh_terms
from music.recommender.list_building import build_lists

PLAIN = ModelSettings(
    rarity_exponent=0.0,
    popularity_exponent=0.0,
    activity_exponent=0.0,
    diagonal_exponent=1.0,
    seed_norm_exponent=0.0,
    broad_weight=0.0,
    confident_weight=0.0,
    competing_weight=0.0,
)


@pytest.fixture(scope="module")
def likes_and_terms():
    random = np.random.default_rng(0)
    likes = sparse.random_array((60, 40), density=0.2, rng=random, format="csr")
    likes.data[:] = 1.0
    terms = sparse.random_array((15, 40), density=0.2, rng=random, format="csr")
    return sparse.csr_matrix(likes, dtype=np.float32), sparse.csr_matrix(terms, dtype=np.float32)


def ease(likes, terms, model_settings):
    """Steck's EASE on the stacked rows, written as in the paper: ``B = I - P / diag(P)``."""
    rows = np.vstack([likes.toarray(), model_settings.text_weight**0.5 * terms.toarray()])
    ridge = collective_ease.ridge_of(
        *map(_energy, (rows[: likes.shape[0]], rows[likes.shape[0] :]))
    )
    inverse = np.linalg.inv(rows.T @ rows + model_settings.ridge * ridge * np.eye(40))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


def _energy(rows) -> float:
    return float((rows**2).sum())


def dense_lists(model) -> np.ndarray:
    lists, _ = build_lists(model, model, weigh_terms(model), 0.0)
    songs = np.zeros((40, 40), np.float32)
    for row in range(40):
        place = slice(lists.indptr[row], lists.indptr[row + 1])
        songs[row, lists.indices[place]] = lists.levels[place] * lists.scales[row]
    return songs


def test_lists_of_a_small_catalogue_are_ease(likes_and_terms):
    model = fit_collective(*likes_and_terms, PLAIN)
    assert np.allclose(dense_lists(model), ease(*likes_and_terms, PLAIN), atol=2e-5)


def test_rare_terms_count_more_as_far_as_likes_are_known(likes_and_terms):
    likes, terms = likes_and_terms
    n_songs = np.diff(terms.indptr)
    nobody = likes[:0]
    alone = collective_ease.factorise(nobody, terms, ModelSettings()).rarity
    assert alone.tolist() == [1.0] * 15
    rarity = collective_ease.factorise(likes, terms, ModelSettings()).rarity
    by_size = rarity[np.argsort(n_songs, kind="stable")]
    assert (np.diff(by_size) <= 0.0).all()
    assert by_size[0] > 1.0 > by_size[-1]
    assert np.average(rarity**2, weights=n_songs) == pytest.approx(1.0, abs=1e-6)


def test_truncated_factors_with_what_is_shared_are_nearly_ease(likes_and_terms, monkeypatch):
    monkeypatch.setattr(decomposition, "EXACT_SIZE", 0)
    monkeypatch.setattr(collective_ease, "rank_for", lambda n_songs: 10)
    model = fit_collective(*likes_and_terms, PLAIN)
    assert model.factors.right.shape == (40, 10)
    exact = ease(*likes_and_terms, PLAIN)
    error = np.linalg.norm(dense_lists(model) - exact) / np.linalg.norm(exact)
    assert error < 0.02


@pytest.mark.parametrize("songs_per_group", [1_000_000, 300])
def test_clustered_lists_of_a_large_catalogue_hold_the_nearest(monkeypatch, songs_per_group):
    from music.recommender import build_snapshot
    from tests.bench.recommender_world import make_documents, make_interactions

    documents = make_documents(800)
    likes = list(make_interactions(documents, 6_000))
    monkeypatch.setattr(list_building, "ENTRY_BUDGET", 0)
    exact = build_snapshot(documents, likes).neighbours
    monkeypatch.setattr(list_building, "ALL_PAIRS_SONGS", 0)
    monkeypatch.setattr(clustering, "SONGS_PER_CLUSTER", 20)
    monkeypatch.setattr(clustering, "_SONGS_PER_GROUP", songs_per_group)
    clustered = build_snapshot(documents, likes).neighbours
    kept = [_top(clustered, row) & _top(exact, row) for row in range(0, 800, 10)]
    assert np.mean([len(songs) for songs in kept]) > 18.0


def _top(lists, row: int) -> set[int]:
    place = slice(lists.indptr[row], lists.indptr[row + 1])
    order = np.argsort(-lists.levels[place].astype(np.int32))[:20]
    return set(lists.indices[place][order].tolist())
