"""Competing tastes: slopes of the loss, weight in a list, what they join, when there are none."""

import numpy as np
import pytest
from scipy import sparse

from music.recommender import competing_tastes, confident_tastes
from music.recommender.competing_tastes import find_competing_tastes

from .two_tastes import N_LISTENERS, N_SONGS, make_likes

NO_TERMS = sparse.csr_matrix((0, N_SONGS), dtype=np.float32)


@pytest.fixture(scope="module")
def likes():
    return make_likes()


@pytest.fixture(scope="module")
def two_terms():
    """One term for the songs of each taste."""
    return sparse.csr_matrix(np.kron(np.eye(2), np.ones(20)).astype(np.float32))


def loss(given, wanted, left, right):
    """The mean over the listeners of the mean surprise at what is wanted of them, in nats."""
    taste = given.toarray() @ left
    taste /= np.linalg.norm(taste, axis=1)[:, None]
    songs = right / np.linalg.norm(right, axis=1)[:, None]
    scores = np.where(given.toarray() > 0.0, -np.inf, taste @ songs.T / 0.15)
    logs = scores - np.log(np.exp(scores).sum(axis=1))[:, None]
    return np.mean([logs[row, wanted[row].indices].mean() for row in range(len(logs))]) * -1.0


def test_slopes_are_those_of_the_loss(likes):
    random = np.random.default_rng(1)
    some = likes[:6]
    is_given = np.arange(some.nnz) % 2 == 0
    parts = [competing_tastes._part(some, mask) for mask in (is_given, ~is_given)]
    factors = [random.standard_normal((N_SONGS, 3)) for _ in range(2)]
    slopes = competing_tastes._slopes(*parts, *factors)
    for side, song in ((0, int(some.indices[0])), (1, 7), (1, 30)):
        for dimension in range(3):
            ends = []
            for shift in (1e-4, -1e-4):
                moved = [values.copy() for values in factors]
                moved[side][song, dimension] += shift
                ends.append(loss(*parts, *moved))
            expected = (ends[0] - ends[1]) / 2e-4
            assert slopes[side][song, dimension] == pytest.approx(expected, rel=1e-2, abs=1e-4)


def test_competing_tastes_have_their_weight_and_join_songs_of_one_taste(likes):
    tastes = find_competing_tastes(likes, NO_TERMS, rank=4, weight=0.5)
    weights = tastes.left @ tastes.right.T
    assert np.linalg.norm(weights, axis=1) == pytest.approx([0.5] * 39 + [0.0], abs=1e-4)
    assert weights[0, 1] > 0.05 > weights[0, 20:].max()
    again = find_competing_tastes(likes, NO_TERMS, rank=4, weight=0.5)
    assert np.array_equal(tastes.left, again.left)


def test_terms_give_a_song_without_likes_its_place(likes, two_terms):
    tastes = find_competing_tastes(likes, two_terms, rank=4, weight=0.5)
    weights = tastes.left @ tastes.right.T
    assert weights[39, 20:39].min() > weights[39, :20].max()
    assert weights[20:39, 39].min() > weights[:20, 39].max()


def test_competing_tastes_are_none_without_likes_and_where_they_would_take_long(likes, monkeypatch):
    nobody = sparse.csr_matrix(likes.shape, dtype=np.float32)
    assert find_competing_tastes(nobody, NO_TERMS, rank=4, weight=0.5) is None
    assert find_competing_tastes(likes, NO_TERMS, rank=4, weight=0.0) is None
    monkeypatch.setattr(confident_tastes, "MAX_ROWS", N_SONGS + N_LISTENERS)
    assert find_competing_tastes(likes, NO_TERMS, rank=4, weight=0.5) is not None
    monkeypatch.setattr(confident_tastes, "MAX_LIKES", likes.nnz - 1)
    assert find_competing_tastes(likes, NO_TERMS, rank=4, weight=0.5) is None


def test_only_the_best_known_songs_compete(likes, monkeypatch):
    monkeypatch.setattr(competing_tastes, "MAX_SONGS", 10)
    counts = np.bincount(likes.indices, minlength=N_SONGS)
    tastes = find_competing_tastes(likes, NO_TERMS, rank=4, weight=0.5)
    known = np.flatnonzero(np.linalg.norm(tastes.left, axis=1))
    assert known.size == 10
    assert counts[known].min() >= np.sort(counts)[-10]


@pytest.mark.parametrize("n_listeners", [2, 5, 30])
@pytest.mark.parametrize("n_songs", [1, 2, 3, 5])
def test_few_songs_that_compete_leave_numbers_though_somebody_is_given_them_all(
    n_listeners, n_songs
):
    likes = sparse.csr_matrix(np.ones((n_listeners, n_songs), np.float32))
    no_terms = sparse.csr_matrix((0, n_songs), dtype=np.float32)
    tastes = find_competing_tastes(likes, no_terms, rank=4, weight=0.5)
    assert np.isfinite(tastes.left).all()
    assert np.isfinite(tastes.right).all()
