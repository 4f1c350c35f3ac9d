"""Confident tastes: exact factors, their weight in a list, what they join, when there are none."""

import numpy as np
import pytest
from scipy import sparse

from music.recommender import confident_tastes
from music.recommender.confident_tastes import find_confident_tastes

from .two_tastes import N_LISTENERS, N_SONGS, make_likes


@pytest.fixture(scope="module")
def likes():
    return make_likes()


def test_factors_solve_the_weighted_equations_of_each_row(likes):
    songs = np.random.default_rng(1).standard_normal((N_SONGS, 4)).astype(np.float32)
    found = np.zeros((N_LISTENERS, 4), np.float32)
    for _ in range(4):
        confident_tastes._improve(found, likes, songs)
    for listener in (0, 1, 299):
        theirs = songs[likes[listener].indices]
        every = confident_tastes._UNSEEN * (songs.T @ songs)
        normal = theirs.T @ theirs + every + confident_tastes._RIDGE * np.eye(4)
        exact = np.linalg.solve(normal, theirs.sum(axis=0))
        assert found[listener] == pytest.approx(exact, rel=1e-3, abs=1e-4)


def test_confident_tastes_have_their_weight_and_join_songs_of_one_taste(likes):
    tastes = find_confident_tastes(likes, rank=4, weight=0.5)
    weights = tastes.left @ tastes.right.T
    assert np.linalg.norm(weights, axis=1) == pytest.approx([0.5] * 39 + [0.0], abs=1e-4)
    assert weights[0, 1] > 0.05 > weights[0, 20:].max()
    assert np.array_equal(tastes.left, find_confident_tastes(likes, rank=4, weight=0.5).left)


def test_confident_tastes_are_none_without_likes_and_where_they_would_take_long(likes, monkeypatch):
    nobody = sparse.csr_matrix(likes.shape, dtype=np.float32)
    assert find_confident_tastes(nobody, rank=4, weight=0.5) is None
    assert find_confident_tastes(likes, rank=4, weight=0.0) is None
    monkeypatch.setattr(confident_tastes, "MAX_ROWS", N_SONGS + N_LISTENERS)
    assert find_confident_tastes(likes, rank=4, weight=0.5) is not None
    monkeypatch.setattr(confident_tastes, "MAX_LIKES", likes.nnz - 1)
    assert find_confident_tastes(likes, rank=4, weight=0.5) is None
