"""Neighbour lists: for each song the songs it speaks for, with weights."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from music.recommender.collective import CollectiveModel

_BLOCK_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class NeighbourLists:
    """Lists of different lengths in CSR form: list i is ``indices[indptr[i]:indptr[i + 1]]``.

    ``indices`` is int32, ``weights`` float16; a list is sorted by song, for cheap look-ups.
    """

    indptr: np.ndarray
    indices: np.ndarray
    weights: np.ndarray

    def gather(self, rows: np.ndarray, row_weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """All entries of the lists ``rows``, one after another: songs, and weights times theirs."""
        starts, stops = self.indptr[rows].tolist(), self.indptr[rows + 1].tolist()
        if rows.size == 0:
            return np.empty(0, np.int32), np.empty(0, np.float32)
        songs = np.concatenate([self.indices[a:b] for a, b in zip(starts, stops, strict=True)])
        weights = np.concatenate([self.weights[a:b] for a, b in zip(starts, stops, strict=True)])
        return songs, weights * np.repeat(row_weights.astype(np.float32), self.lengths(rows))

    def lengths(self, rows: np.ndarray) -> np.ndarray:
        """How many entries the lists ``rows`` have."""
        return self.indptr[rows + 1] - self.indptr[rows]


def build_neighbours(
    model: CollectiveModel,
    length: int,
    term_length: int,
    progress: Callable[[int, int], None] | None = None,
) -> NeighbourLists:
    """The ``length`` heaviest neighbours of every song, by absolute weight, never itself; behind
    them the ``term_length`` heaviest songs of every term.

    ``progress`` is called with (lists done, lists in all).
    """
    n_songs, n_terms = model.factors.shape[0], model.term_factors.shape[0]
    lists: list[tuple[np.ndarray, np.ndarray]] = []
    block = max(1, _BLOCK_BYTES // max(4 * n_songs, 1))
    for start in range(0, n_songs, block):
        stop = min(start + block, n_songs)
        scores = (model.factors[start:stop] @ model.factors.T) * model.target
        scores *= model.source[start:stop, None]
        scores[np.arange(stop - start), np.arange(start, stop)] = 0.0
        lists.append(_heaviest(scores, min(length, max(n_songs - 1, 0))))
        if progress:
            progress(stop, n_songs + n_terms)
    for start in range(0, n_terms, block):
        stop = min(start + block, n_terms)
        scores = (model.term_factors[start:stop] @ model.factors.T) * model.target
        lists.append(_heaviest(scores, min(term_length, n_songs)))
        if progress:
            progress(n_songs + stop, n_songs + n_terms)
    lengths = [songs.shape[1] for songs, _ in lists for _ in range(songs.shape[0])]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    if not lists:
        return NeighbourLists(indptr, np.empty(0, np.int32), np.empty(0, np.float16))
    indices = np.concatenate([songs.ravel() for songs, _ in lists])
    weights = np.concatenate([weights.ravel() for _, weights in lists])
    return NeighbourLists(indptr, indices, weights)


def _heaviest(scores: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Songs (int32, ascending) and weights (float16) of the heaviest entries of each row."""
    if length >= scores.shape[1]:
        songs = np.tile(np.arange(scores.shape[1]), (scores.shape[0], 1))
    else:
        songs = np.argpartition(-np.abs(scores), length, axis=1)[:, :length]
        songs.sort(axis=1)
    return songs.astype(np.int32), np.take_along_axis(scores, songs, axis=1).astype(np.float16)
