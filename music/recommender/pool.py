"""The ranked candidates that ranking passes on, and small sums used to make them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from music.recommender.candidates import Seed
from music.recommender.facts import UNKNOWN, SongFacts

_SPARE = 4
"""One place in so many is asked about beyond those that are expected to be needed."""
_ASKED_FURTHER = 8
"""At most so many times as many places are asked about as before."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Ranked candidates, best first: parallel entries, ``shares`` is ``(n, n_seeds)``.

    ``rows`` are those of the ``Ranker``; ``raw_scores`` are the model's, ``scores`` those adjusted
    for adventurousness.
    """

    rows: np.ndarray
    song_ids: list[str]
    scores: np.ndarray
    raw_scores: np.ndarray
    shares: np.ndarray
    collaborative: np.ndarray
    facts: SongFacts

    def take(self, positions: np.ndarray) -> "Pool":
        """Return the entries at ``positions`` only, in that order."""
        return Pool(
            rows=self.rows[positions],
            song_ids=[self.song_ids[position] for position in positions.tolist()],
            scores=self.scores[positions],
            raw_scores=self.raw_scores[positions],
            shares=self.shares[positions],
            collaborative=self.collaborative[positions],
            facts=self.facts.take(positions),
        )


def count_artists(artists: np.ndarray, weights: np.ndarray) -> dict[int, float]:
    """Return the sum of ``weights`` by artist code, without unnamed ones."""
    counts: dict[int, float] = {}
    for artist, weight in zip(artists.tolist(), weights.tolist(), strict=True):
        if artist != UNKNOWN:
            counts[artist] = counts.get(artist, 0.0) + weight
    return counts


def merged(seeds: Sequence[Seed]) -> dict[str, float]:
    """Return the largest weight of each song, by ascending id, whatever the order of the input."""
    weights: dict[str, float] = {}
    for seed in seeds:
        if seed.weight > weights.get(seed.song_id, -1.0):
            weights[seed.song_id] = seed.weight
    return {song_id: weights[song_id] for song_id in sorted(weights)}


def largest(scores: np.ndarray, rows: np.ndarray, size: int) -> np.ndarray:
    """Return positions of the ``size`` largest positive scores, largest first, ties by row."""
    if scores.size > size:
        threshold = np.partition(scores, scores.size - size)[scores.size - size]
        positions = np.flatnonzero(scores >= threshold)
    else:
        positions = np.arange(scores.size)
    positions = positions[scores[positions] > 0.0]
    return positions[np.lexsort((rows[positions], -scores[positions]))][:size]


def find_first(
    places: np.ndarray, are_wanted: Callable[[np.ndarray], np.ndarray], size: int
) -> np.ndarray:
    """Return the first ``size`` of ``places`` that are wanted.

    ``are_wanted`` returns a truth value for each of the places that it is given. It is asked about
    few more than are needed, since its answers come from the database: at first as if nearly all
    were wanted, then by the share that was.
    """
    found, start, n_asked = places[:0], 0, size + size // _SPARE
    while start < places.size and found.size < size:
        asked = places[start : start + n_asked]
        found = np.concatenate([found, asked[are_wanted(asked)]])
        start += asked.size
        expected = (size - found.size) * start // max(found.size, 1)
        n_asked = min(expected + expected // _SPARE + size // _SPARE, _ASKED_FURTHER * start)
    return found[:size]
