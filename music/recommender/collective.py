"""Collective EASE: likes and text in one closed form.

The rows of ``Z`` are the listeners' likes and, times ``sqrt(text_weight)``, the terms; its columns
are the songs. EASE (Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019) on
``Z`` gives the weight of song i for song j as ``z_i' A z_j / (1 - z_j' A z_j)`` with
``A = (ridge I + Z Z')^-1``. With few listeners the term rows decide; as listeners arrive their
rows outweigh them; a song nobody has liked has its term rows.

Columns are scaled by popularity to the power ``-popularity_exponent`` first, since without it the
squared error is spent on the few songs that everybody likes.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse

MAX_EXACT_ROWS = 6_000
"""Up to this many rows or songs the decomposition is exact: 6,000 take about 20 s and 300 MB."""

_OVERSAMPLING = 32
_POWER_ITERATIONS = 3


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What can be tuned; the defaults were chosen on validation data of several sets.

    ``rank`` bounds the factors where the decomposition is not exact.
    """

    ridge: float = 200.0
    text_weight: float = 3.0
    popularity_exponent: float = 0.15
    diagonal_exponent: float = 0.5
    rank: int = 256


@dataclass(frozen=True, slots=True)
class CollectiveModel:
    """Factors such that song i gives song j ``source[i] * factors[i] @ factors[j] * target[j]``.

    ``factors`` is ``(n_songs, rank)`` and ``term_factors`` ``(n_terms, rank)``, both float32; a
    song's factors are the sum of its rows' factors times its (scaled) weights in them, which is
    how a song is placed that was not there when the model was fitted.
    """

    factors: np.ndarray
    term_factors: np.ndarray
    source: np.ndarray
    target: np.ndarray
    unseen_scale: float

    def truncated(self, rank: int) -> "CollectiveModel":
        """The same with the ``rank`` strongest factors, in float16: enough to place new songs."""
        return CollectiveModel(
            factors=self.factors[:, :rank].astype(np.float16),
            term_factors=self.term_factors[:, :rank].astype(np.float16),
            source=self.source,
            target=self.target,
            unseen_scale=self.unseen_scale,
        )


def fit_collective(
    likes: sparse.csr_matrix, terms: sparse.csr_matrix, settings: ModelSettings
) -> CollectiveModel:
    """The model of ``likes`` ``(n_listeners, n_songs)`` and ``terms`` ``(n_terms, n_songs)``."""
    scale, unseen_scale = popularity_scale(likes, settings.popularity_exponent)
    rows = sparse.vstack([likes, terms * math.sqrt(settings.text_weight)], format="csr")
    rows = (rows @ sparse.diags_array(scale)).astype(np.float32).tocsr()
    left, singular = decompose_rows(rows, settings.rank)
    row_factors = (left / np.sqrt(settings.ridge + singular**2)).astype(np.float32)
    factors = np.asarray(rows.T @ row_factors, dtype=np.float32)
    leverage = np.minimum(np.einsum("ij,ij->i", factors, factors), 0.999)
    return CollectiveModel(
        factors=factors,
        term_factors=row_factors[likes.shape[0] :] * math.sqrt(settings.text_weight),
        source=scale.astype(np.float32),
        target=((1.0 - leverage) ** -settings.diagonal_exponent).astype(np.float32),
        unseen_scale=unseen_scale,
    )


def popularity_scale(likes: sparse.csr_matrix, exponent: float) -> tuple[np.ndarray, float]:
    """One factor a song, and the factor of a song without likes; the mean liked song has one."""
    popularity = np.asarray(likes.sum(axis=0)).ravel() + 1.0
    liked = popularity[popularity > 1.0]
    mean = float(liked.mean()) if liked.size else 1.0
    return (popularity / mean) ** -exponent, float((1.0 / mean) ** -exponent)


def decompose_rows(rows: sparse.csr_matrix, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Left singular vectors ``(n_rows, r)`` and singular values ``(r,)`` of ``rows``, descending.

    Exact when either side is small enough, else the randomised method of Halko, Martinsson and
    Tropp (2011) with ``rank`` vectors.
    """
    n_rows, n_songs = rows.shape
    if min(n_rows, n_songs) == 0:
        return np.zeros((n_rows, 1), np.float32), np.zeros(1, np.float32)
    if n_rows <= min(n_songs, MAX_EXACT_ROWS):
        left, singular = _from_gram((rows @ rows.T).toarray())
        return left, singular
    if n_songs <= MAX_EXACT_ROWS:
        right, singular = _from_gram((rows.T @ rows).toarray())
        return np.asarray(rows @ right) / singular, singular
    return _randomised(rows, min(rank, n_rows, n_songs))


def _from_gram(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, vectors = linalg.eigh(gram, overwrite_a=True, check_finite=False)
    kept = values > max(float(values[-1]), 1e-12) * 1e-7
    return vectors[:, kept][:, ::-1], np.sqrt(values[kept][::-1])


def _randomised(rows: sparse.csr_matrix, rank: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    columns = rows.T.tocsr()
    probe = random.standard_normal((rows.shape[1], rank + _OVERSAMPLING), dtype=np.float32)
    basis = np.linalg.qr(np.asarray(rows @ probe))[0]
    for _ in range(_POWER_ITERATIONS):
        basis = np.linalg.qr(np.asarray(rows @ np.asarray(columns @ basis)))[0]
    small = np.asarray(columns @ basis)
    values, vectors = np.linalg.eigh(small.T @ small)
    order = np.argsort(-values)[:rank]
    singular = np.sqrt(np.maximum(values[order], 1e-12))
    return basis @ vectors[:, order], singular
