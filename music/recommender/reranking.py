"""Re-ranking: from the best candidates to a list worth listening to."""

from dataclasses import dataclass

import numpy as np

from music.recommender.facts import UNKNOWN, SongFacts

_GOOD = 5


@dataclass(frozen=True, slots=True)
class Reranking:
    """``per_artist`` is the most songs of one artist (None: no limit); ``balance`` in [0, 1] is how
    much a fair hearing of every taste counts against the mere score (0: order by score).
    """

    per_artist: int | None = 2
    one_version: bool = True
    balance: float = 0.85


def rerank(
    scores: np.ndarray,
    shares: np.ndarray,
    seed_weights: np.ndarray,
    facts: SongFacts,
    n: int,
    policy: Reranking,
) -> np.ndarray:
    """Positions of up to ``n`` of the candidates, in the order to show them.

    ``scores`` is ``(n_candidates,)``, ``shares`` ``(n_candidates, n_seeds)``: what each seed gave.
    Greedy for ``(1 - balance) * score / best score + balance * gain``. The gain is that of
    proportional fairness between the seeds, ``sum over seeds of seed weight * log(1 + merit /
    (1 + merits so far))``, where a song's merit for a seed is its share from that seed over the
    seed's fifth best share, at most 1. A tenth of the seeds so gets about a tenth of the list,
    instead of nothing, and nothing has to be clustered. Ties go to the candidate that stands first.
    """
    relevance = (1.0 - policy.balance) * scores / max(float(scores.max(initial=0.0)), 1e-9)
    merits = _merits(np.maximum(shares, 0.0))
    wishes = seed_weights / max(float(seed_weights.sum()), 1e-9) * policy.balance
    heard = np.ones(shares.shape[1], np.float32)
    wishes = wishes.astype(np.float32)
    open_ = np.ones(scores.size, bool)
    chosen: list[int] = []
    while len(chosen) < n and open_.any():
        gains = relevance + np.log((heard + merits) / heard) @ wishes
        pick = int(np.argmax(np.where(open_, gains, -np.inf)))
        chosen.append(pick)
        heard = heard + merits[pick]
        open_[pick] = False
        _close(open_, facts, chosen, policy)
    return np.array(chosen, np.int64)


def _merits(shares: np.ndarray) -> np.ndarray:
    """Shares over the ``_GOOD``-th best of each seed, at most 1; ``(n_candidates, n_seeds)``."""
    if shares.shape[0] > _GOOD:
        good = np.partition(shares, shares.shape[0] - _GOOD, axis=0)[shares.shape[0] - _GOOD]
    else:
        good = shares.max(axis=0, initial=0.0)
    good = np.where(good > 0.0, good, shares.max(axis=0, initial=0.0))
    return np.minimum(shares / np.maximum(good, 1e-9), 1.0)


def _close(open_: np.ndarray, facts: SongFacts, chosen: list[int], policy: Reranking) -> None:
    """Take out of ``open_`` what the last choice rules out."""
    pick = chosen[-1]
    if policy.one_version:
        open_ &= facts.work != facts.work[pick]
    artist = facts.artist[pick]
    if policy.per_artist is None or artist == UNKNOWN:
        return
    if np.count_nonzero(facts.artist[chosen] == artist) >= policy.per_artist:
        open_ &= facts.artist != artist
