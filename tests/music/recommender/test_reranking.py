"""Re-ranking of made-up shares: every taste is heard."""

import numpy as np

from music.recommender.reranking import Reranking, rerank


def test_rerank_seeds_with_nothing_in_common_are_both_heard(small_world):
    loud, soft = np.eye(2)[[0] * 20 + [1] * 20].T * np.linspace(1.0, 0.5, 40)
    shares = np.stack([loud, 0.1 * soft], axis=1).astype(np.float32)
    facts = small_world.facts.take(np.arange(40))
    policy = Reranking(per_artist=None, one_version=False)
    shown = rerank(shares.sum(axis=1), shares, np.ones(2, np.float32), facts, 10, policy)
    assert sum(position >= 20 for position in shown.tolist()) == 3
