"""Candidate generation: every song in the seeds' neighbour lists, with its score."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from cachetools import LRUCache, cached

from music.recommender.byte_strings import find_sorted
from music.recommender.content import document_terms
from music.recommender.documents import SongDocument
from music.recommender.snapshot import Snapshot

DISMISSAL_WEIGHT = 0.6
"""The weight of a dismissal, relative to a like, by which it lowers the scores of near songs."""

COLD_LIKES = 8.0
"""After this many likes the cold lists count e times less than after the first. Measured on
validation data of two sets; see docs/recommender.md."""

_LEAST_COLD = 0.05
"""So cold is nobody with 25 likes; what is left is stretched so that one like is still 1. Without
it the cold lists took 1 % of NDCG@10 from listeners with twenty to thirty likes."""
_MAX_PLACED = 4096
"""The number of new songs whose place is cached, about 2 kB each."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A song that starts a request: a like, or a dismissal; a plain one weighs 1.0."""

    song_id: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class SeedLists:
    """The neighbour lists of one request's seeds.

    Parallel arrays: list ``rows[k]`` counts ``weights[k]`` times and belongs to the seed
    ``seed[k]``; the dismissals are numbered after the likes.
    """

    rows: np.ndarray
    weights: np.ndarray
    seed: np.ndarray


@dataclass(frozen=True, slots=True)
class Candidates:
    """The ``rows`` (n,) of the candidates, their ``scores`` (n,), and the sources of the scores.

    Entry k gives song ``entry_songs[k]`` ``entry_weights[k]``; the entries of list number i of the
    request end before ``list_ends[i]``.
    """

    rows: np.ndarray
    scores: np.ndarray
    entry_songs: np.ndarray
    entry_weights: np.ndarray
    list_ends: np.ndarray


def seed_lists(
    snapshot: Snapshot,
    seed_ids: Sequence[str],
    seed_weights: np.ndarray,
    rows: np.ndarray,
    documents: dict[str, SongDocument],
) -> SeedLists:
    """Return the neighbour lists that the seeds read.

    ``seed_weights`` (float32, those of dismissals negative) and ``rows`` (the snapshot's, -1: not
    in it) run parallel to ``seed_ids``. A song newer than the snapshot reads its terms' lists; an
    unknown song reads none.
    """
    known = np.flatnonzero(rows >= 0)
    cold = coldness(seed_weights)
    parts = [(rows[known], (1.0 - cold) * seed_weights[known], known)]
    if cold > 0.0:
        parts.append((snapshot.first_cold_list + rows[known], cold * seed_weights[known], known))
    for number in np.flatnonzero(rows < 0).tolist():
        document = documents.get(seed_ids[number])
        if document is not None:
            place, placing = place_new_song(snapshot, document), snapshot.placing
            weights = place.weights * (seed_weights[number] * placing.scale * placing.seed_weight)
            parts.append((place.rows + snapshot.n_songs, weights, np.full(weights.size, number)))
    return SeedLists(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def coldness(seed_weights: np.ndarray) -> float:
    """Return how little is known of a listener, in [0, 1]: 1 for one like, 0 from 25 likes on.

    Plays count for parts of a like, as they weigh; dismissals do not count.
    """
    known = float(np.maximum(seed_weights, 0.0).sum())
    cold = math.exp(-max(known - 1.0, 0.0) / COLD_LIKES)
    return max((cold - _LEAST_COLD) / (1.0 - _LEAST_COLD), 0.0)


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a song newer than the snapshot in the model.

    These are the ``rows`` of the vocabulary that it has, its ``weights`` in them (float32), and its
    ``factors``, scaled as ``Placing`` says.
    """

    rows: np.ndarray
    weights: np.ndarray
    factors: np.ndarray


def _place_key(snapshot: Snapshot, document: SongDocument) -> Hashable:
    return snapshot.version, document


@cached(LRUCache(_MAX_PLACED), key=_place_key, lock=Lock())
def place_new_song(snapshot: Snapshot, document: SongDocument) -> Place:
    """Return the place of a new song, cached per process and snapshot.

    Computing it is most of the cost of a request with new songs.
    """
    terms, placing = document_terms(document), snapshot.placing
    found = find_sorted(snapshot.terms, list(terms))
    rows = found[found >= 0]
    weights = np.array(list(terms.values()), np.float32)[found >= 0]
    factors = weights @ placing.term_factors[rows].astype(np.float32)
    return Place(rows, weights, (placing.lift * placing.scale * factors).astype(np.float32))


def generate_candidates(snapshot: Snapshot, lists: SeedLists) -> Candidates:
    """Return the songs in the seeds' lists, by row, with the sums of their weights.

    Takes time in proportion to the lists, not to the listeners; the catalogue costs one pass over
    its sums, a millisecond per million songs.
    """
    songs, weights = snapshot.neighbours.gather(lists.rows, lists.weights)
    sums = np.bincount(songs, weights, minlength=snapshot.n_songs)
    rows = np.flatnonzero(sums > 0.0)
    ends = np.cumsum(snapshot.neighbours.lengths(lists.rows))
    return Candidates(rows, sums[rows], songs, weights, ends)


def contributions(
    snapshot: Snapshot, candidates: Candidates, lists: SeedLists, rows: np.ndarray, n_seeds: int
) -> np.ndarray:
    """Return each seed's part of the scores of ``rows``, ``(len(rows), n_seeds)``.

    A row sums to its score.
    """
    order = np.argsort(rows)
    chosen = np.zeros(snapshot.n_songs, bool)
    chosen[rows] = True
    wanted = np.flatnonzero(chosen[candidates.entry_songs])
    slots = order[np.searchsorted(rows[order], candidates.entry_songs[wanted])]
    seeds = lists.seed[np.searchsorted(candidates.list_ends, wanted, side="right")]
    sums = np.bincount(
        slots * n_seeds + seeds,
        weights=candidates.entry_weights[wanted],
        minlength=rows.size * n_seeds,
    )
    return sums.astype(np.float32).reshape(rows.size, n_seeds)


def shares_of_new_songs(
    snapshot: Snapshot,
    documents: Sequence[SongDocument],
    seed_rows: np.ndarray,
    seed_weights: np.ndarray,
) -> np.ndarray:
    """Return each seed's part of each new song's score by terms, ``(n_new, n_seeds)``.

    New songs are those newer than the snapshot. Seeds that are new songs themselves give nothing:
    two new songs are connected by the next build.
    """
    placing = snapshot.placing
    if not documents or not seed_weights.size:
        return np.zeros((len(documents), seed_weights.size), np.float32)
    known = seed_rows >= 0
    weights = placing.seed_weights[seed_rows[known]] * seed_weights[known]
    taste = np.zeros((seed_rows.size, placing.song_factors.shape[1]), np.float32)
    taste[known] = placing.song_factors[seed_rows[known]] * weights[:, None]
    factors = np.stack([place_new_song(snapshot, document).factors for document in documents])
    return factors @ taste.T
