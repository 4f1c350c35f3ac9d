"""Builds neighbour lists from the model: from all pairs of songs, or, if many, from likely pairs.

In a large catalogue the songs are clustered by their factors (k-means), and a song is compared with
the songs of the clusters nearest to its own and with those that it shares light rows with: about a
twentieth of all pairs, which holds nearly all that would enter its list.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy import sparse

from music.recommender.clustering import find_clusters
from music.recommender.collective_ease import CollectiveModel, Factors, TermWeights
from music.recommender.decomposition import Step
from music.recommender.neighbours import NeighbourLists, heaviest, levels_of
from tunetrace_site.machine.array_files import map_new_array

ALL_PAIRS_SONGS = 20_000
"""In a catalogue of up to this many songs every pair is compared."""

MIN_LENGTH, MAX_LENGTH, ENTRY_BUDGET = 200, 1_500, 24_000_000
MIN_COLD_LENGTH, MAX_COLD_LENGTH, COLD_ENTRY_BUDGET = 100, 400, 20_000_000
TERM_LENGTH = 200

_BLOCK_ROWS = 512
_TERM_BLOCK = 50_000
_SHARING_SONGS = 3_000


@dataclass(frozen=True, slots=True)
class Block:
    """Songs whose lists are made together, and the songs they are compared with, ascending.

    ``shared`` is the product of their light rows, CSR of their sizes.
    """

    rows: np.ndarray
    columns: np.ndarray
    shared: sparse.csr_matrix


def list_length(n_songs: int) -> int:
    """Return how many neighbours a song keeps: as 144 MB allow, between 200 and 1,500.

    Measured on validation data of 17,388 artists: 200 cost 3% of NDCG@10, 800 nothing.
    """
    return min(max(ENTRY_BUDGET // max(n_songs, 1), MIN_LENGTH), MAX_LENGTH)


def cold_list_length(n_songs: int) -> int:
    """Return how many neighbours a song's cold list keeps: as 120 MB allow, from 100 to 400."""
    return min(max(COLD_ENTRY_BUDGET // max(n_songs, 1), MIN_COLD_LENGTH), MAX_COLD_LENGTH)


def build_lists(
    warm: CollectiveModel,
    cold: CollectiveModel,
    of_terms: TermWeights,
    seed_norm_exponent: float,
    step: Step | None = None,
    scratch: Path | None = None,
) -> tuple[NeighbourLists, np.ndarray]:
    """Return the neighbour lists, and the weight of each song as a seed.

    The lists are the warm ones of all songs, then those of all terms, whose weights by the warm
    model are ``of_terms``, then the cold ones of all songs, for listeners of whom little is known.
    The seed weights ``(n_songs,)`` are already in the lists of the songs; the median list has the
    same norm in both. With a folder ``scratch`` the lists are written to files there, block by
    block, and are mapped.
    """
    n_songs = warm.factors.right.shape[0]
    terms = warm.factors.terms
    length = min(list_length(n_songs), n_songs)
    cold_length = min(cold_list_length(n_songs), n_songs)
    term_lengths = np.minimum(np.diff(terms.indptr), TERM_LENGTH)
    lists = _empty_lists(
        np.concatenate([np.full(n_songs, length), term_lengths, np.full(n_songs, cold_length)]),
        scratch,
    )
    first = n_songs + term_lengths.size
    parts = [_songs_part(warm, lists, 0), _songs_part(cold, lists, first)]
    _fill(parts, step)
    seeds, middle = seed_weights(parts[0].norms, warm.factors.source, seed_norm_exponent)
    lists.scales[:n_songs] *= seeds
    for term in range(term_lengths.size):
        place = slice(lists.indptr[n_songs + term], lists.indptr[n_songs + term + 1])
        lists.indices[place], scores = _term_list(warm, of_terms, term)
        levels, scales = levels_of(scores[None, :])
        lists.levels[place], lists.scales[n_songs + term] = levels[0], scales[0]
    source = cold.factors.source
    cold_seeds, cold_middle = seed_weights(parts[1].norms, source, seed_norm_exponent)
    lists.scales[first:] *= cold_seeds * (middle / cold_middle)
    return lists, seeds


def _empty_lists(lengths: np.ndarray, scratch: Path | None) -> NeighbourLists:
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    def make(name: str, kind: type) -> np.ndarray:
        if scratch is None or not indptr[-1]:
            return np.zeros(indptr[-1], kind)
        return map_new_array(scratch / f"{name}.npy", kind, int(indptr[-1]))

    scales = np.zeros(lengths.size, np.float32)
    return NeighbourLists(indptr, make("indices", np.int32), make("levels", np.int16), scales)


@dataclass(frozen=True, slots=True)
class _SongsPart:
    """The lists of all songs by one model, within the arrays of all lists, and their 2-norms."""

    model: CollectiveModel
    indices: np.ndarray
    levels: np.ndarray
    scales: np.ndarray
    norms: np.ndarray

    def fill(self, block: Block) -> None:
        """Write the lists of the block's songs."""
        length = self.indices.shape[1]
        songs, scores = heaviest(block.columns, song_scores(self.model, block), length)
        self.indices[block.rows] = songs
        self.levels[block.rows], self.scales[block.rows] = levels_of(scores)
        self.norms[block.rows] = np.linalg.norm(scores, axis=1)


def _fill(parts: Sequence[_SongsPart], step: Step | None) -> None:
    """Write the lists of all parts.

    Their models have the same factors, so the songs to compare a block with are found once for all
    parts, which takes longer than scoring them.
    """
    n_done = 0
    for block in _blocks(parts[0].model.factors):
        for part in parts:
            part.fill(block)
        n_done += block.rows.size
        if step:
            step(n_done, parts[0].norms.size)


def _songs_part(model: CollectiveModel, lists: NeighbourLists, first: int) -> _SongsPart:
    """Return the part of ``lists`` that begins with list ``first``, one list per song."""
    n_songs = model.factors.right.shape[0]
    place = slice(lists.indptr[first], lists.indptr[first + n_songs])
    shape = (n_songs, int(place.stop - place.start) // max(n_songs, 1))
    return _SongsPart(
        model,
        lists.indices[place].reshape(shape),
        lists.levels[place].reshape(shape),
        lists.scales[first : first + n_songs],
        np.zeros(n_songs, np.float32),
    )


def song_scores(model: CollectiveModel, block: Block) -> np.ndarray:
    """Return the weights of the block's rows for its columns, without seed weights; 0 to itself.

    Broad tastes count in proportion to the 2-norm of the rest of the song's list.
    """
    scores = model.left[block.rows] @ model.factors.right[block.columns].T
    shared = block.shared.tocoo()
    scores[shared.row, shared.col] += model.shared * shared.data
    scores *= model.target[block.columns]
    at = np.searchsorted(block.columns, block.rows)
    itself = np.arange(block.rows.size), at
    scores[itself] = 0.0
    broad = model.factors.broad
    if broad is not None:
        left = np.linalg.norm(scores, axis=1)[:, None] * broad.left[block.rows]
        scores += left @ broad.right[block.columns].T
        scores[itself] = 0.0
    return scores


def seed_weights(
    norms: np.ndarray, source: np.ndarray, exponent: float
) -> tuple[np.ndarray, float]:
    """Return the weight of each song as a seed, and the median 2-norm of the lists.

    It is ``source`` times the 2-norm of the scaled list to the power ``-exponent``: the median list
    keeps its norm, an empty list its source.
    """
    norms = norms * source
    filled = norms > 0.0
    middle = float(np.median(norms[filled])) if filled.any() else 1.0
    factors = np.where(filled, np.maximum(norms, 1e-9) / middle, 1.0) ** -exponent
    return (source * factors).astype(np.float32), middle


def _term_list(
    model: CollectiveModel, of_terms: TermWeights, term: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the songs that have the term and are closest to it, and their weights."""
    terms = model.factors.terms
    place = slice(terms.indptr[term], terms.indptr[term + 1])
    songs, weights = terms.indices[place], terms.data[place]
    scores = model.shared * weights
    for start in range(0, songs.size, _TERM_BLOCK):
        part = slice(start, start + _TERM_BLOCK)
        scores[part] += model.factors.right[songs[part]] @ of_terms.left[term]
    scores *= model.factors.rarity[term] * model.target[songs]
    chosen, scores = heaviest(songs, scores[None, :], TERM_LENGTH)
    return chosen[0, : songs.size], scores[0, : songs.size]


def _blocks(factors: Factors) -> Iterator[Block]:
    n_songs = factors.right.shape[0]
    light_of_song = factors.light.T.tocsr()
    if n_songs <= ALL_PAIRS_SONGS:
        everything = np.arange(n_songs)
        for start in range(0, n_songs, _BLOCK_ROWS):
            rows = everything[start : start + _BLOCK_ROWS]
            yield Block(rows, everything, (light_of_song[rows] @ factors.light).tocsr())
        return
    cluster_of, near = find_clusters(factors.right)
    members = np.argsort(cluster_of, kind="stable")
    bounds = np.searchsorted(cluster_of[members], np.arange(near.shape[0] + 1))
    of_cluster = [members[a:b] for a, b in pairwise(bounds.tolist())]
    for cluster, rows in enumerate(of_cluster):
        probed = np.concatenate([of_cluster[other] for other in near[cluster]])
        for start in range(0, rows.size, _BLOCK_ROWS):
            block = rows[start : start + _BLOCK_ROWS]
            shared = (light_of_song[block] @ factors.light).tocsr()
            columns = np.unique(np.concatenate([probed, block, _sharing(shared)]))
            yield Block(block, columns, _pick_columns(shared, columns))


def _sharing(shared: sparse.csr_matrix) -> np.ndarray:
    """Return the songs that any of the rows of ``shared`` has most in common with."""
    songs, at = np.unique(shared.indices, return_inverse=True)
    most = np.zeros(songs.size, shared.dtype)
    np.maximum.at(most, at, shared.data)
    songs = songs[most > 0.0]
    most = most[most > 0.0]
    if songs.size <= _SHARING_SONGS:
        return songs
    return songs[np.argpartition(-most, _SHARING_SONGS)[:_SHARING_SONGS]]


def _pick_columns(shared: sparse.csr_matrix, columns: np.ndarray) -> sparse.csr_matrix:
    """Return the ``columns``, which ascend, of ``shared``, without work for all its columns."""
    at = np.minimum(np.searchsorted(columns, shared.indices), columns.size - 1)
    kept = columns[at] == shared.indices
    counted = np.concatenate([[0], np.cumsum(kept)])
    return sparse.csr_matrix(
        (shared.data[kept], at[kept], counted[shared.indptr]),
        shape=(shared.shape[0], columns.size),
    )
