"""Listeners of whom little is known, and songs that nobody has liked."""

import numpy as np
import pytest

from music.recommender import offline_scoring
from music.recommender.candidates import Seed, coldness
from music.recommender.collective_ease import ModelSettings
from music.recommender.documents import SongDocument
from music.recommender.interactions import Interaction
from music.recommender.listening_files import ListeningSet
from music.recommender.pipeline import rank
from music.recommender.query import Query
from music.recommender.reranking import Reranking
from music.recommender.snapshot import build_snapshot

N_SONGS, N_LISTENERS, N_TASTES = 400, 500, 12


@pytest.fixture(scope="module")
def listening():
    """Songs of a few tastes each, some far better known than others, with tags that tell little;
    five likes of each listener are held back."""
    random = np.random.default_rng(0)
    songs = random.gamma(0.3, 1.0, (N_SONGS, N_TASTES))
    known = random.permutation(1.0 / (1.0 + np.arange(N_SONGS)) ** 0.8)
    train, test = {}, {}
    for listener in range(N_LISTENERS):
        wish = (songs @ random.gamma(0.3, 1.0, N_TASTES)) ** 2 * known
        n_likes = int(random.integers(10, 50))
        likes = random.choice(N_SONGS, n_likes, replace=False, p=wish / wish.sum())
        train[str(listener)] = tuple(map(str, likes[:-5]))
        test[str(listener)] = tuple(map(str, likes[-5:]))
    return ListeningSet(train, {}, test, tuple(_describe(n, songs[n]) for n in range(N_SONGS)))


def _describe(number, tastes):
    random = np.random.default_rng(number)
    told = [f"taste {taste}" for taste in np.argsort(-tastes)[:2]]
    noise = [f"noise {tag}" for tag in random.integers(0, 30, 3)]
    return SongDocument(str(number), title="", artist="", tags=(*told, *noise))


def recall(task, **settings):
    """Recall@20 of the ranking for ``task`` when the model is fitted with these settings."""
    likes = [Interaction(who, song) for who, songs in task.train.items() for song in songs]
    snapshot = build_snapshot(task.documents, likes, settings=ModelSettings(**settings))
    found = []
    for who, wanted in task.wanted.items():
        if wanted:
            seeds = [Seed(song) for song in task.given[who]]
            hidden = task.masked.get(who, ())
            policy = Reranking(per_artist=None)
            shown = rank(snapshot, Query(seeds, excluded=hidden, n=20, reranking=policy))
            found.append(len(set(shown) & set(wanted)) / len(wanted))
    return np.mean(found)


def test_one_like_is_answered_with_what_many_have_seen_first():
    songs = [
        SongDocument(f"{number}", title="", artist=f"band {number}", tags=("rock",), view_count=n)
        for number, n in enumerate([0, 10, 10_000_000, 100, None])
    ]
    snapshot = build_snapshot(songs, [])
    assert rank(snapshot, Query([Seed("0")], n=4)) == ["2", "3", "1", "4"]


@pytest.mark.parametrize("n_likes", [1, 3])
def test_cold_lists_answer_few_likes_better_than_those_for_many(listening, n_likes):
    task = offline_scoring.few_likes_task(listening, listening.test, n_likes)
    warm_only = recall(task, cold_ridge_factor=1.0, cold_popularity_exponent=0.0)
    assert recall(task) > 1.1 * warm_only


def test_cold_lists_take_nothing_from_listeners_with_many_likes(listening):
    task = offline_scoring.few_likes_task(listening, listening.test, 35)
    assert recall(task) == pytest.approx(recall(task, cold_ridge_factor=1.0), abs=0.005)


def test_songs_that_nobody_has_liked_get_their_due(listening):
    task = offline_scoring.new_songs_task(listening, listening.test)
    assert recall(task) > 2.0 * recall(task, unseen_due=0.0)


def test_one_like_is_cold_and_fifty_are_not():
    known = [coldness(np.ones(n, np.float32)) for n in (1, 2, 5, 10, 50)]
    assert known[0] == 1.0
    assert known == sorted(known, reverse=True)
    assert known[-1] == 0.0


def test_plays_tell_less_than_likes_and_dismissals_nothing_of_a_taste():
    likes = coldness(np.array([1.0, 1.0, 1.0], np.float32))
    assert coldness(np.array([1.0, 0.25, 0.25], np.float32)) > likes
    assert coldness(np.array([1.0, 1.0, 1.0, -0.3], np.float32)) == likes
