"""Re-ranking of made-up shares: every taste is heard."""

import numpy as np

from music.recommender.reranking import Reranking, rerank


def test_rerank_hears_a_taste_that_scores_a_tenth_as_much(small_world):
    loud, soft = np.eye(2)[[0] * 20 + [1] * 20].T * np.linspace(1.0, 0.5, 40)
    shares = np.stack([loud, 0.1 * soft], axis=1).astype(np.float32)
    facts = small_world.facts.take(np.arange(40))

    def count_soft(balance: float) -> int:
        policy = Reranking(per_artist=None, balance=balance)
        shown = rerank(shares.sum(axis=1), shares, np.ones(2, np.float32), facts, 10, policy)
        return int((shown >= 20).sum())

    assert (count_soft(Reranking().balance), count_soft(0.0)) == (2, 0)
