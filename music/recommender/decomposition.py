"""Singular value decomposition of sparse rows: exact where they are few, randomised beyond."""

from collections.abc import Callable

import numpy as np
from scipy import linalg, sparse

EXACT_SIZE = 3_000
"""With at most this many songs the decomposition is exact."""

_OVERSAMPLING = 32
_POWER_ITERATIONS = 2
Step = Callable[[int, int], None]
"""A progress report: called with (steps or songs done, all of them)."""


def show_nothing(_n_done: int, _n_total: int) -> None:
    """Take the place of a ``Step`` that nobody asked for."""


def decompose(
    rows: sparse.csr_matrix, rank: int, step: Step = show_nothing
) -> tuple[np.ndarray, np.ndarray]:
    """Return right singular vectors ``(n_songs, r)`` and singular values ``(r,)``, strongest first.

    All of them up to ``EXACT_SIZE`` songs, beyond those of ``find_strongest``. Directions with a
    singular value of zero are left out.
    """
    n_rows, n_songs = rows.shape
    if min(n_rows, n_songs) == 0:
        return np.zeros((n_songs, 0), np.float32), np.zeros(0, np.float32)
    if n_songs <= EXACT_SIZE:
        values, vectors = linalg.eigh((rows.T @ rows).toarray(), driver="evd", check_finite=False)
        return _strongest_first(values, vectors)
    return find_strongest(rows, rank, step)


def find_strongest(
    rows: sparse.csr_matrix, rank: int, step: Step = show_nothing
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ``rank`` strongest directions of ``rows``, as ``decompose`` does for many songs.

    By the randomised method of Halko, Martinsson and Tropp (2011).
    """
    n_rows, n_songs = rows.shape
    columns = rows.T.tocsr()
    basis = _row_space(rows, columns, min(rank + _OVERSAMPLING, n_rows, n_songs), step)
    small = np.asarray(columns @ basis)
    del basis
    values, vectors = np.linalg.eigh(small.T @ small)
    vectors = vectors / np.sqrt(np.maximum(values, 1e-12))
    return _strongest_first(values[-rank:], small @ vectors[:, -rank:])


def _strongest_first(values: np.ndarray, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    kept = values > max(float(values[-1]), 1e-12) * 1e-6
    right = np.ascontiguousarray(vectors[:, kept][:, ::-1], dtype=np.float32)
    return right, np.sqrt(values[kept][::-1]).astype(np.float32)


def _row_space(
    rows: sparse.csr_matrix, columns: sparse.csr_matrix, size: int, step: Step
) -> np.ndarray:
    """Return an orthonormal basis ``(n_rows, size)`` of nearly all that ``rows`` spans.

    Between the power iterations a triangular decomposition keeps the columns apart, which takes a
    quarter of the time of an orthogonal one: only the last basis must be orthonormal.
    """
    random = np.random.default_rng(0)
    basis = np.asarray(rows @ random.standard_normal((rows.shape[1], size), dtype=np.float32))
    for n_done in range(_POWER_ITERATIONS):
        step(n_done, _POWER_ITERATIONS + 1)
        basis = linalg.lu(basis, permute_l=True, overwrite_a=True, check_finite=False)[0]
        basis = np.asarray(rows @ np.asarray(columns @ basis))
    step(_POWER_ITERATIONS, _POWER_ITERATIONS + 1)
    return linalg.qr(basis, mode="economic", overwrite_a=True, check_finite=False)[0]
