"""Confident tastes: factors of the likes for which what nobody chose is only a weak no (iALS).

The rest of the model takes a missing like for a zero as certain as a like is a one. Weighted
factorisation gives it a small weight (Hu, Koren and Volinsky, "Collaborative Filtering for Implicit
Feedback Datasets", ICDM 2008; Rendle et al., "Revisiting the Performance of iALS on Item
Recommendation Benchmarks", RecSys 2022). With ``Y`` the factors of the songs, somebody who likes
the songs of ``x`` gets the scores ``x Y A^-1 Y'``, where ``A`` depends on ``x``. With that of the
mean listener instead this is linear and from song to song, so it is folded into the neighbour lists
when they are built, and a request pays nothing.
"""

import numpy as np
from scipy import sparse

from music.recommender.broad_tastes import LEAST_WEIGHT, BroadTastes

MAX_LIKES, MAX_ROWS = 200_000, 60_000
"""With more likes, or more listeners and songs, the factors would take longer than ten seconds, and
are left out; so are those of ``competing_tastes``."""

_UNSEEN = 0.05
"""The weight of a missing like; that of a like is 1."""
_RIDGE = 4.0
_PASSES = 6
_STEPS = 3
"""Conjugate gradient steps in half a pass. They suffice, since each begins where the last one ended
(Takács, Pilászy and Tikk, "Applications of the Conjugate Gradient Method for Implicit Feedback
Collaborative Filtering", RecSys 2011), and cost a tenth of exact solutions."""
_CHUNK = 100_000


def is_affordable(likes: sparse.csr_matrix) -> bool:
    """Return whether ``likes`` ``(n_listeners, n_songs)`` are few enough to learn factors from."""
    return likes.nnz <= MAX_LIKES and sum(likes.shape) <= MAX_ROWS


def find_confident_tastes(likes: sparse.csr_matrix, rank: int, weight: float) -> BroadTastes | None:
    """Return the tastes by ``rank`` factors of ``likes`` ``(n_listeners, n_songs)``.

    Every like counts the same. None without likes or weight, and where there are too many likes.
    """
    if weight < LEAST_WEIGHT or not likes.nnz or not is_affordable(likes):
        return None
    likes, liked = _ones(likes), _ones(likes.T.tocsr())
    songs = np.random.default_rng(0).standard_normal((likes.shape[1], rank), dtype=np.float32)
    songs *= 0.1 / rank**0.5
    listeners = np.zeros((likes.shape[0], rank), np.float32)
    for _ in range(_PASSES):
        _improve(listeners, likes, songs)
        _improve(songs, liked, listeners)
    n_likes = np.diff(liked.indptr)
    songs[n_likes == 0] = 0.0
    shares = (n_likes / likes.shape[0]).astype(np.float32)
    mean = songs.T @ (shares[:, None] * songs) + _sum_of_unseen(songs)
    return BroadTastes.weighted(songs @ np.linalg.inv(mean), songs, weight)


def _ones(likes: sparse.csr_matrix) -> sparse.csr_matrix:
    return _with_values(likes, np.ones(likes.nnz, np.float32))


def _with_values(likes: sparse.csr_matrix, values: np.ndarray) -> sparse.csr_matrix:
    return sparse.csr_matrix((values, likes.indices, likes.indptr), shape=likes.shape)


def _sum_of_unseen(others: np.ndarray) -> np.ndarray:
    """Return the part of the normal matrix that all rows share, ``(rank, rank)``."""
    ridge = np.float32(_RIDGE) * np.eye(others.shape[1], dtype=np.float32)
    return np.float32(_UNSEEN) * (others.T @ others) + ridge


def _improve(factors: np.ndarray, likes: sparse.csr_matrix, others: np.ndarray) -> None:
    """Change ``factors``, one row for each of ``likes``, to fit those of the columns, ``others``.

    The normal equations of all rows are solved at once, by conjugate gradients.
    """
    shared = _sum_of_unseen(others)

    def multiply(rows: np.ndarray) -> np.ndarray:
        return rows @ shared + _with_values(likes, _products(likes, rows, others)) @ others

    left = likes @ others - multiply(factors)
    direction = left.copy()
    squares = _squares(left)
    for _ in range(_STEPS):
        changed = multiply(direction)
        length = squares / np.maximum(np.einsum("ij,ij->i", direction, changed), 1e-12)
        factors += length[:, None] * direction
        left -= length[:, None] * changed
        before, squares = squares, _squares(left)
        direction *= (squares / np.maximum(before, 1e-12))[:, None]
        direction += left


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", rows, rows)


def _products(likes: sparse.csr_matrix, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return for each like the product of the factors of its row and its column."""
    owners = np.repeat(np.arange(likes.shape[0]), np.diff(likes.indptr))
    products = np.empty(likes.nnz, np.float32)
    for start in range(0, likes.nnz, _CHUNK):
        place = slice(start, start + _CHUNK)
        pairs = rows[owners[place]], others[likes.indices[place]]
        products[place] = np.einsum("ij,ij->i", *pairs)
    return products
