"""Broad tastes: what two songs share by the few strongest directions of the likes alone.

EASE weighs every pair of songs for itself, from few listeners each. A filter that lets only the
strongest directions of the likes pass knows less of a pair, but knows it from nearly everybody;
the sum of both finds more than either (graph filters: Shen et al., "How Powerful is Graph
Convolution for Recommendation?", CIKM 2021; Peng et al., "How Powerful is Graph Filtering for
Recommendation?", KDD 2024). It is linear and from song to song, so it is folded into the neighbour
lists when they are built, and a request pays nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from music.recommender.decomposition import find_strongest
from music.recommender.matrices import stack_scaled

_SURPLUS = 4
"""How many times as many directions are sought as used, since they stand close together and the
last ones found are not exact: half of the gain was lost without."""
LEAST_WEIGHT = 0.02
"""A smaller part of a list is not worth its computation."""


@dataclass(frozen=True, slots=True)
class BroadTastes:
    """The low-rank weights between songs: song i gives song j ``left[i] @ right[j]``.

    Both are ``(n_songs, rank)`` float32. The 2-norm of all that a song gives is the weight of these
    tastes beside its EASE list, of norm 1; it is 0 for a song that nobody has liked.
    """

    left: np.ndarray
    right: np.ndarray

    @classmethod
    def weighted(cls, left: np.ndarray, right: np.ndarray, weight: float) -> "BroadTastes":
        """Return the tastes of ``left[i] @ right[j]``, scaled so that they have this ``weight``."""
        norms = np.sqrt(np.maximum(np.einsum("ij,ij->i", left @ (right.T @ right), left), 0.0))
        factors = np.where(norms > 0.0, weight / np.maximum(norms, 1e-12), 0.0)
        return cls((left * factors[:, None]).astype(np.float32), right)


def join_tastes(tastes: Iterable[BroadTastes | None]) -> BroadTastes | None:
    """Return the sum of several broad tastes; None where there are none."""
    found = [one for one in tastes if one is not None]
    if len(found) < 2:
        return found[0] if found else None
    return BroadTastes(
        np.hstack([one.left for one in found]), np.hstack([one.right for one in found])
    )


def find_broad_tastes(
    likes: sparse.csr_matrix, activity: np.ndarray, scale: np.ndarray, rank: int, weight: float
) -> BroadTastes | None:
    """Return the broad tastes in ``likes`` ``(n_listeners, n_songs)``; None where there are none.

    Row i of the likes counts ``activity[i]`` times, column j ``scale[j]`` times. Direction k of the
    ``rank`` strongest passes with ``s_k^2 / (s_k^2 + s_rank^2)``, so that it does not matter much
    where the line is drawn.
    """
    if weight < LEAST_WEIGHT or not likes.nnz:
        return None
    no_terms = sparse.csr_matrix((0, likes.shape[1]), dtype=np.float32)
    rows = stack_scaled(likes, no_terms, activity, 0.0, scale)
    right, singular = find_strongest(rows, _SURPLUS * rank)
    strength = singular[: rank + 1] ** 2
    passing = strength[:rank] / (strength[:rank] + strength[-1])
    right = np.ascontiguousarray(right[:, :rank])
    return BroadTastes.weighted(right * passing * scale[:, None], right, weight)
