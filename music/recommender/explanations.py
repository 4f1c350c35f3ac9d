"""Explanation: which seeds caused a suggestion, true to the score."""

from collections.abc import Sequence

import numpy as np

MAX_CAUSES = 3
SMALLEST_SHARE = 0.05


def causes(contributions: np.ndarray, seed_ids: Sequence[str]) -> tuple[tuple[str, float], ...]:
    """The seeds that lifted the song most, each with its share of all that lifted it.

    ``contributions`` is what each seed added to the score, ``(n_seeds,)``; the score is their sum,
    so the shares are the score's own. Seeds below ``SMALLEST_SHARE`` are not named.
    """
    lifting = np.maximum(contributions.astype(np.float64), 0.0)
    total = float(lifting.sum())
    if total <= 0.0:
        return ()
    order = np.argsort(-lifting, kind="stable")[:MAX_CAUSES]
    shares = ((seed_ids[i], float(lifting[i] / total)) for i in order.tolist())
    return tuple((seed, share) for seed, share in shares if share >= SMALLEST_SHARE)
