"""Re-ranking of made-up shares: every taste is heard."""

import numpy as np

from music.recommender.facts import UNKNOWN
from music.recommender.pipeline import pool_per_song
from music.recommender.reranking import Reranking, genre_limits, rerank, within_limits


def test_rerank_hears_a_taste_that_scores_a_tenth_as_much(small_world):
    loud, soft = np.eye(2)[[0] * 20 + [1] * 20].T * np.linspace(1.0, 0.5, 40)
    shares = np.stack([loud, 0.1 * soft], axis=1).astype(np.float32)
    facts = small_world.facts.take(np.arange(40))

    def count_soft(balance: float) -> int:
        policy = Reranking(per_artist=None, balance=balance)
        shown = rerank(shares.sum(axis=1), shares, np.ones(2, np.float32), facts, 10, policy)
        return int((shown >= 20).sum())

    assert (count_soft(Reranking().balance), count_soft(0.0)) == (2, 0)


def test_rerank_hears_a_like_that_stands_alone_more_than_one_of_many_that_agree(small_world):
    facts = small_world.facts.take(np.arange(40))
    wishes = np.ones(6, np.float32)
    many = np.r_[np.linspace(1.0, 0.5, 30), np.zeros(10)]
    alone = np.r_[np.zeros(30), np.linspace(0.5, 0.3, 10)]
    nobody = np.zeros(40)

    def count_alone(*seeds: np.ndarray) -> int:
        shares = np.stack(seeds, axis=1).astype(np.float32)
        policy = Reranking(per_artist=None)
        shown = rerank(shares.sum(axis=1), shares, wishes, facts, 10, policy)
        return int((shown >= 30).sum())

    assert count_alone(many, many, many, many, many, alone) == 2
    assert count_alone(many, many, many, many, many, nobody) == 0
    assert count_alone(many, many, many, alone, alone, alone) >= 4


def test_rerank_puts_each_ten_in_the_order_of_the_scores(small_world):
    scores = np.linspace(1.0, 0.5, 40, dtype=np.float32)
    shares = np.eye(4)[np.arange(40) % 4] * scores[:, None]
    facts = small_world.facts.take(np.arange(40))
    wishes = np.array([1.0, 2.0, 3.0, 4.0], np.float32)
    shown = rerank(scores, shares, wishes, facts, 30, Reranking(per_artist=None))
    tens = [shown[start : start + 10].tolist() for start in (0, 10, 20)]
    assert tens == [sorted(ten) for ten in tens]
    assert shown.tolist() != sorted(shown.tolist())


def test_genre_limits_are_loose_for_a_few_likes_and_close_for_many():
    few = np.array([0, 0, 0, 1, UNKNOWN])
    assert genre_limits(few, 10) == {0: 10, 1: 8, UNKNOWN: 7}
    many = np.array([0] * 970 + [1] * 30)
    assert genre_limits(many, 10) == {0: 10, 1: 1, UNKNOWN: 1}


def test_rerank_a_close_circle_of_songs_has_no_more_than_its_genres_limit(small_world):
    facts = small_world.facts.take(np.arange(40))
    circle = facts.genre[0]
    scores = np.where(facts.genre == circle, 1.0, 0.1).astype(np.float32)

    def count(n: int, of_genre: dict[int, int]) -> int:
        policy = Reranking(per_artist=None, balance=0.5)
        nobody = np.zeros((40, 0), np.float32)
        shown = rerank(scores, nobody, np.zeros(0, np.float32), facts, n, policy, of_genre=of_genre)
        assert len(set(shown.tolist())) == n
        return int((facts.genre[shown] == circle).sum())

    limits = {int(circle): 2, UNKNOWN: 20}
    assert (count(10, {}), count(10, limits)) == (10, 2)
    assert count(30, limits) == 10  # twenty of the other genre, and then the limit gives way


def test_within_limits_keeps_the_best_of_each_genre():
    genres = np.array([0, 0, 1, 0, UNKNOWN, 0, UNKNOWN])
    within = within_limits(genres, {0: 1, UNKNOWN: 3}, per_song=2)
    assert within.tolist() == [True, True, True, False, True, False, True]


def test_pool_per_song_is_deepest_for_a_handful_of_likes():
    pools = [pool_per_song(n) for n in (0, 1, 2, 3, 10, 50, 1000)]
    assert pools == [6, 6, 13, 20, 20, 8, 6]
