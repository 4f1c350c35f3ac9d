"""Broad tastes: their share of a song's list, and what they join."""

import numpy as np
import pytest
from scipy import sparse

from music.recommender.broad_tastes import find_broad_tastes
from music.recommender.collective_ease import ModelSettings, factorise, weigh
from music.recommender.list_building import Block, song_scores

from .two_tastes import N_LISTENERS, N_SONGS, make_likes

ONES = np.ones(N_LISTENERS)
NO_TERMS = sparse.csr_matrix((0, N_SONGS), dtype=np.float32)


@pytest.fixture(scope="module")
def likes():
    return make_likes()


def test_broad_tastes_have_their_weight_in_each_list(likes):
    broad = find_broad_tastes(likes, ONES, np.ones(N_SONGS), rank=2, weight=0.5)
    norms = np.linalg.norm(broad.left @ broad.right.T, axis=1)
    assert np.allclose(norms, [0.5] * 39 + [0.0], atol=1e-5)


def test_broad_tastes_join_songs_of_one_taste_that_nobody_likes_together(likes):
    broad = find_broad_tastes(likes, ONES, np.ones(N_SONGS), rank=2, weight=1.0)
    weights = broad.left @ broad.right.T
    assert weights[0, 1] > 0.05 > weights[0, 20:].max()


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_broad_tastes_are_none_without_weight_or_likes(likes, weight):
    known = likes if not weight else sparse.csr_matrix(likes.shape, dtype=np.float32)
    assert find_broad_tastes(known, ONES, np.ones(N_SONGS), rank=2, weight=weight) is None


def test_broad_tastes_count_less_the_more_is_known_by_text(likes):
    terms = sparse.csr_matrix(np.eye(N_SONGS, dtype=np.float32))
    share = {}
    for name, known in (("bare", NO_TERMS), ("described", terms)):
        left = factorise(likes, known, ModelSettings(broad_rank=2)).broad.left
        share[name] = float(np.abs(left).max())
    assert share["bare"] > 1.1 * share["described"]


def test_lists_hold_the_broad_tastes_and_no_song_itself(likes):
    everything = np.arange(N_SONGS)
    scores = {}
    for weight in (0.0, 0.5):
        model = factorise(likes, NO_TERMS, ModelSettings(broad_weight=weight, broad_rank=2))
        shared = (model.light.T @ model.light).tocsr()
        block = Block(everything, everything, shared)
        scores[weight] = song_scores(weigh(model, model.ridge), block)
    assert scores[0.5][0, 1] > scores[0.0][0, 1]
    assert not scores[0.5].diagonal().any()
    assert np.allclose(scores[0.5][39], scores[0.0][39])
