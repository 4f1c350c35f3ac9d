"""Simple recommenders to compare with. Each scores all songs for a block of listeners."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from scipy import sparse

from music.recommender.documents import SongDocument

ITEM_KNN_NEIGHBOURS = 200
ITEM_KNN_SHRINKAGE = 10.0
SHARED_LIKES = 2
_BLOCK_SONGS = 4_096

Scorer = Callable[[sparse.csr_matrix], np.ndarray]
"""A function from likes ``(n_listeners, n_songs)`` to scores of the same shape."""


def popularity(train: sparse.csr_matrix, documents: Sequence[SongDocument]) -> Scorer:
    """Score by the number of listeners, the same for everybody."""
    counts = np.asarray(train.sum(axis=0)).ravel()
    return lambda likes: np.tile(counts, (likes.shape[0], 1))


def shared_two_likes(train: sparse.csr_matrix, documents: Sequence[SongDocument]) -> Scorer:
    """Score by how many of the listeners who share two likes have the song (an older rule)."""

    def score(likes: sparse.csr_matrix) -> np.ndarray:
        shared = (likes @ train.T).tocsr()
        shared.data = (shared.data >= SHARED_LIKES).astype(np.float32)
        shared.eliminate_zeros()
        return (shared @ train).toarray()

    return score


def mean_tfidf(train: sparse.csr_matrix, documents: Sequence[SongDocument]) -> Scorer:
    """Score by cosine of a song's TF-IDF vector and the mean of the liked ones (an older rule)."""
    texts = [" ".join([d.title, d.artist, d.genre, *d.tags]) for d in documents]
    if not any(text.strip() for text in texts):
        return lambda likes: np.zeros(likes.shape, np.float32)
    # Imported here: it takes two seconds, and no other baseline needs it.
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(dtype=np.float32).fit_transform(texts).tocsr()
    return lambda likes: (likes @ vectors @ vectors.T).toarray()


def item_knn(train: sparse.csr_matrix, documents: Sequence[SongDocument]) -> Scorer:
    """Score by the sum of shrunk cosines to the liked songs, in each song's 200 nearest songs.

    ``shared / (sqrt(n_i n_j) + shrinkage)``: without shrinkage songs that one listener has are
    perfect neighbours, and the baseline is far weaker than it can be.
    """
    counts = np.asarray(train.sum(axis=0)).ravel()
    songs = train.T.tocsr()
    nearest = sparse.vstack(
        [_nearest(songs, train, counts, start) for start in range(0, counts.size, _BLOCK_SONGS)],
        format="csr",
    )
    return lambda likes: (likes @ nearest).toarray()


def _nearest(
    songs: sparse.csr_matrix, train: sparse.csr_matrix, counts: np.ndarray, start: int
) -> sparse.csr_matrix:
    """Return the similar songs of a block of songs: all pairs of a large set exceed memory."""
    block = songs[start : start + _BLOCK_SONGS]
    similar = (block @ train).tocoo()
    similar.data[similar.row + start == similar.col] = 0.0
    similar.data /= np.sqrt(counts[similar.row + start] * counts[similar.col]) + ITEM_KNN_SHRINKAGE
    return _keep_largest(similar.tocsr(), ITEM_KNN_NEIGHBOURS)


def _keep_largest(matrix: sparse.csr_matrix, n: int) -> sparse.csr_matrix:
    """Return ``matrix`` with only the ``n`` largest entries of each row."""
    for start, stop in pairwise(matrix.indptr.tolist()):
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
