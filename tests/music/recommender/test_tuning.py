"""The ridge follows the listeners, by likes held back from the model."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from music.recommender import confident_tastes, tuning
from music.recommender.collective_ease import ModelSettings
from music.recommender.tuning import with_best_ridge

WITHOUT_TASTES = ModelSettings(broad_weight=0.0, confident_weight=0.0, competing_weight=0.0)
NO_TERMS = sparse.csr_matrix((0, 100), dtype=np.float32)


def make_likes(n_listeners: int, n_likes: int, noise: float) -> sparse.csr_matrix:
    """Listeners with ``n_likes`` of a hundred songs, most of them of their one of ten tastes."""
    random = np.random.default_rng(0)
    likes = np.zeros((n_listeners, 100), np.float32)
    for listener in range(n_listeners):
        wish = np.full(100, noise)
        wish[listener % 10 * 10 : listener % 10 * 10 + 10] = 1.0
        likes[listener, random.choice(100, n_likes, replace=False, p=wish / wish.sum())] = 1.0
    return sparse.csr_matrix(likes)


@pytest.fixture(scope="module")
def dense_likes():
    return make_likes(1_500, 25, 0.3)


def test_many_likes_a_song_ask_for_a_larger_ridge(dense_likes):
    usual = WITHOUT_TASTES
    assert with_best_ridge(dense_likes, NO_TERMS, usual).ridge > usual.ridge


def test_tastes_beside_it_leave_less_to_smooth(dense_likes, monkeypatch):
    usual = ModelSettings(broad_weight=0.0)
    assert with_best_ridge(dense_likes, NO_TERMS, usual).ridge == usual.ridge
    monkeypatch.setattr(confident_tastes, "MAX_LIKES", dense_likes.nnz - 1)
    assert with_best_ridge(dense_likes, NO_TERMS, usual).ridge > usual.ridge


def test_a_ridge_far_too_large_is_lowered(dense_likes):
    settings = replace(WITHOUT_TASTES, ridge=2400)
    assert with_best_ridge(dense_likes, NO_TERMS, settings).ridge < 2400


@pytest.mark.parametrize("n_listeners", [0, 1, tuning.MIN_LISTENERS - 1])
def test_few_listeners_choose_nothing(n_listeners):
    settings = ModelSettings(ridge=2400)
    assert with_best_ridge(make_likes(n_listeners, 25, 0.3), NO_TERMS, settings) is settings
