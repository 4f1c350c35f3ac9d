"""Work on large sparse matrices without copies of them."""

import numpy as np
from scipy import sparse

_CHUNK = 4_000_000
"""How many entries are worked on at a time."""


def stack_scaled(
    likes: sparse.csr_matrix,
    terms: sparse.csr_matrix,
    activity: np.ndarray,
    text: float,
    scale: np.ndarray,
) -> sparse.csr_matrix:
    """Return the rows of likes, times ``activity``, and those of terms, times ``text``.

    All columns are multiplied by ``scale``. The result is the only copy that is made.
    """
    rows = sparse.vstack([likes, terms], format="csr", dtype=np.float32)
    of_row = np.concatenate([activity, np.full(terms.shape[0], text)])
    for start in range(0, rows.nnz, _CHUNK):
        place = slice(start, start + _CHUNK)
        data = rows.data[place].astype(np.float64) * scale[rows.indices[place]]
        rows.data[place] = data * _of_entries(rows, of_row, place)
    return rows


def scale_rows(rows: sparse.csr_matrix, factors: np.ndarray) -> None:
    """Multiply the rows, in place, by one factor each."""
    for start in range(0, rows.nnz, _CHUNK):
        place = slice(start, start + _CHUNK)
        rows.data[place] *= _of_entries(rows, factors, place)


def _of_entries(rows: sparse.csr_matrix, values: np.ndarray, place: slice) -> np.ndarray:
    """Return the value of its row for each entry in ``place``."""
    return np.repeat(values, np.diff(np.clip(rows.indptr, place.start, place.stop)))


def slice_rows(rows: sparse.csr_matrix, first: int, last: int | None) -> sparse.csr_matrix:
    """Return some neighbouring rows of a matrix, which share its memory."""
    indptr = rows.indptr[first:] if last is None else rows.indptr[first : last + 1]
    place = slice(int(indptr[0]), int(indptr[-1]))
    shape = (indptr.size - 1, rows.shape[1])
    parts = (rows.data[place], rows.indices[place], indptr - indptr[0])
    return sparse.csr_matrix(parts, shape=shape, copy=False)


def squares_of(matrix: sparse.csr_matrix) -> np.ndarray:
    """Return the squared 2-norm of each column."""
    squares = np.zeros(matrix.shape[1])
    for start in range(0, matrix.nnz, _CHUNK):
        place = slice(start, start + _CHUNK)
        weights = matrix.data[place].astype(np.float64) ** 2
        squares += np.bincount(matrix.indices[place], weights, minlength=squares.size)
    return squares.astype(np.float32)
