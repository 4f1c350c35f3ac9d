"""Re-ranking: from the best candidates to a list worth listening to."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from music.recommender.facts import UNKNOWN, SongFacts

_GOOD = 5
_FEW_LIKES = 20
_MAX_TRUST = 3.0
_PRIOR_LIKES = 8
_LESS = np.float32(0.5)
"""How much a candidate counts that is not preferred: a song without a video that plays here."""
NO_LIMITS: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reranking:
    """``per_artist`` is the most songs of one artist (None: no limit), but for artists whom the
    listener likes so much that ``artist_limits`` allows more; ``balance`` in [0, 1] is how
    much a fair hearing of every taste counts against the mere score (0: order by score).
    """

    per_artist: int | None = 2
    balance: float = 0.88


def artist_limits(seed_artists: np.ndarray, n: int, policy: Reranking) -> dict[int, int]:
    """How many of ``n`` songs may be by each artist of whom the listener likes enough for more than
    ``per_artist``. ``seed_artists`` holds the artist code of each liked song.

    Who likes one band above all wants its songs: an artist may have its share of the likes,
    ``(k - 1) / (likes + 8)``, so that a few likes by one artist say nothing yet.
    """
    if policy.per_artist is None:
        return {}
    counts = Counter(seed_artists[seed_artists != UNKNOWN].tolist())
    shares = {a: (k - 1) / (seed_artists.size + _PRIOR_LIKES) for a, k in counts.items()}
    limits = {artist: int(share * n) for artist, share in shares.items()}
    return {artist: limit for artist, limit in limits.items() if limit > policy.per_artist}


def rerank(
    scores: np.ndarray,
    shares: np.ndarray,
    seed_weights: np.ndarray,
    facts: SongFacts,
    n: int,
    policy: Reranking,
    limits: Mapping[int, int] = NO_LIMITS,
    preferred: np.ndarray | None = None,
) -> np.ndarray:
    """Positions of up to ``n`` of the candidates, in the order to show them.

    ``scores`` is ``(n_candidates,)``, ``shares`` ``(n_candidates, n_seeds)``: what each seed gave.
    ``limits`` are those of ``artist_limits``. Score and merits of a candidate that is not
    ``preferred`` (bool, ``(n_candidates,)``) count ``_LESS`` times as much: no taste is silenced.
    Greedy for ``trust * (1 - balance) * score / best score + balance * gain``. The gain is that of
    proportional fairness between the seeds, ``sum over seeds of seed weight * log(1 + merit /
    (1 + merits so far))``, where a song's merit for a seed is its share from that seed over the
    seed's fifth best share, at most 1. A tenth of the seeds so gets a tenth of the list. ``trust``
    in the score grows from 1 at twenty likes to 3 at sixty: of many likes the sum tells more than
    the voice of each. Ties go to the candidate that stands first.
    """
    counts = np.where(True if preferred is None else preferred, np.float32(1.0), _LESS)
    relevance = _relevance(scores, seed_weights.size, policy.balance) * counts
    merits = _merits(np.maximum(shares, 0.0)) * counts[..., None]
    wishes = seed_weights * np.float32(policy.balance / max(float(seed_weights.sum()), 1e-9))
    heard = np.ones(shares.shape[1], np.float32)
    levels = np.empty_like(merits)
    rivals = _Rivals(facts, policy, limits)
    chosen: list[int] = []
    while len(chosen) < min(n, scores.size):
        # log(heard) is the same for all candidates, so the order is that of log(heard + merit).
        np.log(np.add(merits, heard, out=levels), out=levels)
        pick = int((relevance + levels @ wishes).argmax())
        if relevance[pick] == -np.inf:
            break
        chosen.append(pick)
        heard += merits[pick]
        relevance[rivals.ruled_out_by(pick)] = -np.inf
    return np.array(chosen, np.int64)


def _relevance(scores: np.ndarray, n_seeds: int, balance: float) -> np.ndarray:
    """What the mere scores count, ``(n_candidates,)`` float32; see ``rerank`` for the formula."""
    trust = min(max(n_seeds / _FEW_LIKES, 1.0), _MAX_TRUST)
    best = max(float(scores.max(initial=0.0)), 1e-9)
    return (trust * (1.0 - balance) * scores / best).astype(np.float32)


def _merits(shares: np.ndarray) -> np.ndarray:
    """Shares over the ``_GOOD``-th best of each seed, at most 1; ``(n_candidates, n_seeds)``."""
    if shares.shape[0] > _GOOD:
        good = np.partition(shares, shares.shape[0] - _GOOD, axis=0)[shares.shape[0] - _GOOD]
    else:
        good = shares.max(axis=0, initial=0.0)
    good = np.where(good > 0.0, good, shares.max(axis=0, initial=0.0))
    return np.minimum(shares / np.maximum(good, 1e-9), 1.0)


class _Rivals:
    """Which candidates each choice rules out: itself, and those of an artist with enough."""

    def __init__(self, facts: SongFacts, policy: Reranking, limits: Mapping[int, int]) -> None:
        self._artists = facts.artist.tolist()
        self._per_artist, self._limits = policy.per_artist, limits
        self._of_artist = {} if policy.per_artist is None else _positions(self._artists)
        self._n_chosen: Counter[int] = Counter()

    def ruled_out_by(self, pick: int) -> list[int]:
        artist = self._artists[pick]
        self._n_chosen[artist] += 1
        out = [pick]
        if artist != UNKNOWN and self._n_chosen[artist] == self._limits.get(
            artist, self._per_artist
        ):
            out += self._of_artist.get(artist, ())
        return out


def _positions(codes: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for position, code in enumerate(codes):
        found[code].append(position)
    return found
