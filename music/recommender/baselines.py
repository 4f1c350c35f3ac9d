"""Simple recommenders to hold ours against. Each scores all songs for a block of listeners."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from music.recommender.documents import SongDocument

ITEM_KNN_NEIGHBOURS = 200
ITEM_KNN_SHRINKAGE = 10.0
SHARED_LIKES = 2

Scorer = Callable[[sparse.csr_matrix], np.ndarray]
"""Likes ``(n_listeners, n_songs)`` in, scores of the same shape out."""


def popularity(train: sparse.csr_matrix, documents: Sequence[SongDocument]) -> Scorer:
    """The number of listeners, the same for everybody."""
    counts = np.asarray(train.sum(axis=0)).ravel()
    return lambda likes: np.tile(counts, (likes.shape[0], 1))


def shared_two_likes(train: sparse.csr_matrix, documents: Sequence[SongDocument]) -> Scorer:
    """The older rule: how many of the listeners who share two likes have the song."""

    def score(likes: sparse.csr_matrix) -> np.ndarray:
        shared = (likes @ train.T).tocsr()
        shared.data = (shared.data >= SHARED_LIKES).astype(np.float32)
        return (shared @ train).toarray()

    return score


def mean_tfidf(train: sparse.csr_matrix, documents: Sequence[SongDocument]) -> Scorer:
    """The older rule: cosine between a song's TF-IDF vector and the mean of the liked ones."""
    texts = [" ".join([d.title, d.artist, d.genre, *d.tags]) for d in documents]
    if not any(text.strip() for text in texts):
        return lambda likes: np.zeros(likes.shape, np.float32)
    vectors = TfidfVectorizer(dtype=np.float32).fit_transform(texts).tocsr()
    return lambda likes: (likes @ vectors @ vectors.T).toarray()


def item_knn(train: sparse.csr_matrix, documents: Sequence[SongDocument]) -> Scorer:
    """The sum of the shrunk cosines to the liked songs, among each song's nearest two hundred.

    ``shared / (sqrt(n_i n_j) + shrinkage)``: without shrinkage songs that one listener has are
    perfect neighbours, and the baseline is far weaker than it can be.
    """
    counts = np.asarray(train.sum(axis=0)).ravel()
    shared = (train.T @ train).tocsr()
    shared.setdiag(0)
    shared.eliminate_zeros()
    similar = shared.tocoo()
    similar.data /= np.sqrt(counts[similar.row] * counts[similar.col]) + ITEM_KNN_SHRINKAGE
    nearest = _keep_largest(similar.tocsr(), ITEM_KNN_NEIGHBOURS)
    return lambda likes: (likes @ nearest).toarray()


def _keep_largest(matrix: sparse.csr_matrix, n: int) -> sparse.csr_matrix:
    """``matrix`` with the ``n`` largest entries of each row only."""
    for start, stop in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        row = matrix.data[start:stop]
        if row.size > n:
            row[np.argpartition(-row, n)[n:]] = 0.0
    matrix.eliminate_zeros()
    return matrix


BASELINES: dict[str, Callable[[sparse.csr_matrix, Sequence[SongDocument]], Scorer]] = {
    "popularity": popularity,
    "shared-two-likes": shared_two_likes,
    "mean-tfidf": mean_tfidf,
    "item-knn": item_knn,
}
