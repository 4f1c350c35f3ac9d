"""The graph filter: what it is, where it adds nothing, and that it finds what many share."""

import numpy as np
from scipy import sparse

from music.recommender.collective import ModelSettings, fit_collective
from music.recommender.graph_filter import filter_factors, size_of
from music.recommender.list_building import build_lists

NO_TERMS = sparse.csr_matrix((0, 40), dtype=np.float32)


def make_likes(n_listeners=60) -> sparse.csr_matrix:
    random = np.random.default_rng(1)
    likes = random.random((n_listeners, 40)) < 0.2
    likes[:, 39] = False
    return sparse.csr_matrix(likes, dtype=np.float32)


def test_filter_is_a_projection_on_the_strongest_directions_of_the_normalised_likes():
    likes = make_likes().toarray()
    normalised = likes * likes.sum(1)[:, None] ** -0.3 * np.maximum(likes.sum(0), 1) ** -0.3
    directions = np.linalg.svd(normalised)[2][:3]  # a tenth of the 39 songs that are liked
    left, right = filter_factors(make_likes())
    expected = directions.T @ directions * np.maximum(likes.sum(0), 1) ** 0.2
    assert np.allclose(left @ right.T, expected, atol=1e-4)


def test_size_is_the_norm_beside_the_diagonal():
    left, right = filter_factors(make_likes())
    whole = left @ right.T
    np.fill_diagonal(whole, 0.0)
    assert np.isclose(size_of(left, right), np.linalg.norm(whole), rtol=1e-4)


def test_song_that_nobody_likes_gets_and_gives_nothing():
    left, right = filter_factors(make_likes())
    assert np.abs(left[39]).max() < 1e-6
    assert np.abs(right[39]).max() < 1e-6


def test_without_likes_there_is_no_filter():
    model = fit_collective(make_likes(0), NO_TERMS, ModelSettings())
    assert model.graph_weight == 0.0


def test_lists_hold_the_filter_in_the_share_that_is_set():
    def lists_of(share: float) -> np.ndarray:
        model = fit_collective(make_likes(), NO_TERMS, ModelSettings(graph_share=share))
        lists, _ = build_lists(model, model, 0.0)
        weights = np.zeros((40, 40), np.float32)
        for row in range(40):
            place = slice(lists.indptr[row], lists.indptr[row + 1])
            weights[row, lists.indices[place]] = lists.levels[place] * lists.scales[row]
        return weights / model.factors.source[:, None]

    without, added = lists_of(0.0), lists_of(0.5) - lists_of(0.0)
    ratio = np.linalg.norm(added) / np.linalg.norm(without)
    assert 0.3 < ratio < 0.7
