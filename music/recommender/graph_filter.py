"""A low-pass filter of the graph of listeners and songs, added to the lists of the model.

What the strongest directions of the normalised likes keep of a listener's likes is what many
listeners share, without the detail of single songs (Shen et al., "How Powerful is Graph
Convolution for Recommendation?", CIKM 2021; Peng et al., "How Powerful is Graph Filtering for
Recommendation", KDD 2024). It is linear from song to song, so it goes into the neighbour lists when
they are built and costs nothing in a request.
"""

import numpy as np
from scipy import sparse

from music.recommender.decomposition import decompose

MAX_RANK = 64
MEMBERS_A_DIRECTION = 10
"""At least so many listeners and liked songs stand behind each direction that is kept: with all
directions the filter would give each song back to itself."""
ACTIVITY_EXPONENT = 0.3
POPULARITY_EXPONENT = 0.3
"""Likes are divided by the listener's and the song's number of likes to these powers."""
TARGET_EXPONENT = 0.2
"""What a song gets is multiplied with its number of likes to this power."""


def filter_factors(likes: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """``left`` and ``right`` ``(n_songs, rank)``: song i gives song j ``left[i] @ right[j]``.

    ``likes`` is ``(n_listeners, n_songs)``. Of a song that nobody has liked both rows are zero.
    """
    per_listener = np.maximum(np.diff(likes.indptr), 1).astype(np.float32)
    per_song = np.maximum(np.asarray(likes.sum(axis=0)).ravel(), 1.0).astype(np.float32)
    by_listener = sparse.diags_array(per_listener**-ACTIVITY_EXPONENT)
    by_song = sparse.diags_array(per_song**-POPULARITY_EXPONENT)
    normalised = sparse.csr_matrix(by_listener @ likes @ by_song, dtype=np.float32)
    rank = min(MAX_RANK, min(likes.shape[0], np.unique(likes.indices).size) // MEMBERS_A_DIRECTION)
    left = decompose(normalised, rank)[0][:, :rank]
    return left, left * per_song[:, None] ** TARGET_EXPONENT


def size_of(left: np.ndarray, right: np.ndarray) -> float:
    """The Frobenius norm of ``left @ right.T`` without its diagonal."""
    whole = float(np.einsum("ij,ij->", left.T @ left, right.T @ right))
    own = float((np.einsum("ij,ij->i", left, right) ** 2).sum())
    return max(whole - own, 0.0) ** 0.5
