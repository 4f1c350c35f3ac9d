"""Implicit feedback as a sparse matrix of listeners by songs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

MAX_WEIGHT = 2.0
"""The largest weight of one song, that of two plain likes, however often it was played."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One listener's feedback on one song; a plain like weighs 1.0.

    The domain decides the weights (like, play, skip); several interactions of one pair add up.
    """

    listener_id: str
    song_id: str
    weight: float = 1.0


def interaction_matrix(
    interactions: Iterable[Interaction], row_of_song: Mapping[str, int]
) -> sparse.csr_matrix:
    """Return the interaction matrix, ``(n_listeners, n_songs)`` CSR of float32.

    Songs that ``row_of_song`` does not know are left out, and so are pairs whose weights add up to
    zero or less: a rejected song says nothing about which songs belong together. Listeners come in
    the order of their ids, so that equal input gives equal arrays.
    """
    listeners: dict[str, int] = {}
    rows, columns, weights = [], [], []
    for interaction in interactions:
        song = row_of_song.get(interaction.song_id)
        if song is None:
            continue
        rows.append(listeners.setdefault(interaction.listener_id, len(listeners)))
        columns.append(song)
        weights.append(interaction.weight)
    order = np.argsort(np.array(list(listeners), dtype=object), kind="stable")
    rank = np.empty(len(listeners), dtype=np.int64)
    rank[order] = np.arange(len(listeners))
    return build_matrix(
        rank[np.array(rows, np.int64)],
        np.array(columns, np.int64),
        np.array(weights, np.float32),
        shape=(len(listeners), len(row_of_song)),
    )


def build_matrix(
    listeners: np.ndarray, songs: np.ndarray, weights: np.ndarray, shape: tuple[int, int]
) -> sparse.csr_matrix:
    """Return the interaction matrix of ``shape`` whose entries are given as parallel arrays.

    ``listeners`` and ``songs`` are rows and columns of it; entries of one pair add up as in
    ``interaction_matrix``.
    """
    matrix = sparse.csr_matrix((weights, (listeners, songs)), shape=shape, dtype=np.float32)
    matrix.data = np.clip(matrix.data, 0.0, MAX_WEIGHT)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return matrix
