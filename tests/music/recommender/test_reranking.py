"""Re-ranking of made-up shares: how much each seed is heard depends on who agrees with it."""

import numpy as np

from music.recommender.reranking import Reranking, rerank


def shown(small_world, shares, n=10):
    """The positions shown for ``shares`` ``(n_candidates, n_seeds)``, whose sums are the scores."""
    shares = np.array(shares, np.float32)
    weights = np.ones(shares.shape[1], np.float32)
    facts = small_world.facts.take(np.arange(shares.shape[0]))
    policy = Reranking(per_artist=None, one_version=False)
    return rerank(shares.sum(axis=1), shares, weights, facts, n, policy).tolist()


def test_rerank_seeds_that_agree_are_ordered_by_score(small_world):
    shares = np.outer(np.linspace(1.0, 0.2, 30), [0.2, 1.0, 0.4])
    shares[:, 0] += np.random.default_rng(0).random(30) * 0.02
    by_score = np.argsort(-shares.sum(axis=1).astype(np.float32)).tolist()
    assert shown(small_world, shares, n=30) == by_score


def test_rerank_seeds_with_nothing_in_common_are_both_heard(small_world):
    loud, soft = np.eye(2)[[0] * 20 + [1] * 20].T * np.linspace(1.0, 0.5, 40)
    shares = np.stack([loud, 0.1 * soft], axis=1)
    assert sum(position >= 20 for position in shown(small_world, shares)) == 3


def test_rerank_thousands_of_seeds_show_what_ten_of_the_same_tastes_do(small_world):
    def two_tastes(n_seeds: int) -> list[int]:
        taste = (np.arange(n_seeds) % 10 >= 7).astype(int)
        shares = np.eye(2)[[0] * 20 + [1] * 20][:, taste] * np.linspace(1.0, 0.5, 40)[:, None]
        return [int(position >= 20) for position in shown(small_world, shares)]

    assert two_tastes(3_000) == two_tastes(10)
    assert 1 <= sum(two_tastes(10)) <= 4
