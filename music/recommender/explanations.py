"""Explanation: which seeds caused a suggestion, true to the score."""

from collections.abc import Sequence

import numpy as np

MAX_CAUSES = 3
SMALLEST_SHARE = 0.05


Cause = tuple[str, float]


def causes(contributions: np.ndarray, seed_ids: Sequence[str]) -> list[tuple[Cause, ...]]:
    """For each song the seeds that lifted it most, each with its share of all that lifted it.

    ``contributions`` is what each seed added to each song's score, ``(n_songs, n_seeds)``; a score
    is the sum of its row, so the shares are the score's own. Seeds below ``SMALLEST_SHARE`` are
    not named.
    """
    lifting = np.maximum(contributions, 0.0)
    totals = np.maximum(lifting.sum(axis=1, keepdims=True), 1e-12)
    order = np.argsort(-lifting, axis=1, kind="stable")[:, :MAX_CAUSES]
    shares = np.take_along_axis(lifting / totals, order, axis=1)
    return [
        tuple(
            (seed_ids[i], share) for i, share in zip(*row, strict=True) if share >= SMALLEST_SHARE
        )
        for row in zip(order.tolist(), shares.tolist(), strict=True)
    ]
