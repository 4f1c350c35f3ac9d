"""Quality metrics of ranked lists, against the songs that listeners went on to like."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import ArrayLike

CUTOFFS = (10, 20)


def score_lists(
    lists: Sequence[Sequence[str]], wanted: Sequence[Collection[str]], n_songs: int
) -> dict[str, float]:
    """Return mean metrics at 10 and 20, over the listeners with any wanted song.

    ``lists`` holds one ranked list per listener, ``wanted`` the likes held back; ``n_songs`` is the
    size of the catalogue. Recall is hits over all wanted; NDCG has gain 1 a hit, discount ``1 /
    log2(1 + position)`` and the best possible order of ``min(k, wanted)`` hits as its unit; hit
    rate is the share of listeners with a hit; coverage the share of the catalogue shown to anybody.
    """
    pairs = [(ranked, set(target)) for ranked, target in zip(lists, wanted, strict=True) if target]
    figures: dict[str, float] = {}
    for k in CUTOFFS:
        hits = np.array([_hits(ranked, target, k) for ranked, target in pairs]).reshape(-1, k)
        sizes = np.array([len(target) for _, target in pairs])
        discounts = 1.0 / np.log2(np.arange(2, k + 2))
        ideal = np.cumsum(discounts)[np.minimum(sizes, k) - 1] if pairs else np.ones(0)
        figures[f"recall@{k}"] = _mean(hits.sum(axis=1) / sizes)
        figures[f"ndcg@{k}"] = _mean(hits @ discounts / ideal)
        figures[f"hitrate@{k}"] = _mean(hits.any(axis=1))
        shown = {song for ranked, _ in pairs for song in ranked[:k]}
        figures[f"coverage@{k}"] = len(shown) / n_songs if n_songs else 0.0
    return figures


def _hits(ranked: Sequence[str], target: Collection[str], k: int) -> list[bool]:
    hits = [song in target for song in ranked[:k]]
    return hits + [False] * (k - len(hits))


def _mean(values: ArrayLike) -> float:
    array = np.asarray(values)
    return float(array.mean()) if array.size else 0.0
