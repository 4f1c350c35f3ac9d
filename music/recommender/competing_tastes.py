"""Competing tastes: factors by which a listener's likes win against all other songs.

The rest of the model fits each like by itself, by squares. Here half of a listener's likes, drawn
anew each time, must find the other half among all songs: the loss is the cross-entropy of a softmax
over all of them (Liang et al., "Variational Autoencoders for Collaborative Filtering", WWW 2018) of
cosines over a temperature (Wu et al., "On the Effectiveness of Sampled Softmax Loss for Item
Recommendation", TOIS 2024). Its errors are others than those of squares, so that the sum of both
finds more than either.

A song's factors are its own and those of its terms, so that little known songs have a place too. A
listener's are the sum of those of the likes. That is linear and from song to song, so it is folded
into the neighbour lists when they are built, and a request pays nothing.
"""

import numpy as np
from scipy import sparse

from music.recommender.broad_tastes import LEAST_WEIGHT, BroadTastes
from music.recommender.confident_tastes import is_affordable

MAX_SONGS = 6_000
"""So many of the songs with most likes compete; the others get their place by their terms."""

_TEMPERATURE = 0.15
_PASSES, _MAX_STEPS, _BATCH = 20, 160, 472
"""Each step takes so many listeners: 80 steps for 2,000 listeners take three seconds."""
_RATE, _MEAN_DECAY, _SQUARE_DECAY = 0.01, 0.9, 0.999
_SPREAD = np.float32(0.1)
_TINY = np.float32(1e-6)
_NEVER = np.float32(-1e9)
"""In place of the cosine over the temperature of what is given. Not infinite: somebody may be given
all songs that compete, and infinities have no difference."""


def find_competing_tastes(
    likes: sparse.csr_matrix, terms: sparse.csr_matrix, rank: int, weight: float
) -> BroadTastes | None:
    """Return the tastes by ``rank`` factors of ``likes`` ``(n_listeners, n_songs)``.

    ``terms`` is ``(n_terms, n_songs)``. Every like counts the same, and every song's text. None
    without weight, where no song is liked by two listeners, and where there are too many likes.
    """
    if weight < LEAST_WEIGHT or not is_affordable(likes):
        return None
    songs = _competitors(likes)
    if not songs.size:
        return None
    features = _features(terms, songs)
    random = np.random.default_rng(0)
    first = random.standard_normal((features.shape[1], rank), dtype=np.float32) * _SPREAD
    given, wanted = _Learnt(first), _Learnt(first.copy())
    _learn(likes[:, songs].tocsr(), features[songs], given, wanted, random)
    left, right = features @ given.values, features @ wanted.values
    return BroadTastes.weighted(left, _directions(right)[0], weight)


def _competitors(likes: sparse.csr_matrix) -> np.ndarray:
    """Return the songs with most likes, of those with two or more, ascending."""
    counts = np.bincount(likes.indices, minlength=likes.shape[1])
    best = np.argsort(-counts, kind="stable")[:MAX_SONGS]
    return np.sort(best[counts[best] > 1])


def _features(terms: sparse.csr_matrix, songs: np.ndarray) -> sparse.csr_matrix:
    """Return the features of all songs, ``(n_songs, songs.size + n_shared_terms)``.

    Each of ``songs`` has one for itself; the terms that two of them share follow, scaled so that
    every song has as much text as any other.
    """
    n_songs = terms.shape[1]
    shared = np.flatnonzero(np.diff(terms[:, songs].tocsr().indptr) > 1)
    text = terms[shared].T.tocsr()
    lengths = np.sqrt(np.asarray(text.multiply(text).sum(axis=1)).ravel())
    text = sparse.diags_array(1.0 / np.maximum(lengths, _TINY)) @ text
    own = np.ones(songs.size), (songs, np.arange(songs.size))
    itself = sparse.csr_matrix(own, shape=(n_songs, songs.size))
    return sparse.csr_matrix(sparse.hstack([itself, text]), dtype=np.float32)


class _Learnt:
    """Values that are changed step by step (Adam: Kingma and Ba, ICLR 2015)."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self._mean, self._square = np.zeros_like(values), np.zeros_like(values)
        self._n_steps = 0

    def change(self, slope: np.ndarray) -> None:
        """Change the values against the ``slope`` of the loss, of their shape."""
        self._n_steps += 1
        self._mean += np.float32(1.0 - _MEAN_DECAY) * (slope - self._mean)
        self._square += np.float32(1.0 - _SQUARE_DECAY) * (slope**2 - self._square)
        rate = _RATE / (1.0 - _MEAN_DECAY**self._n_steps)
        spread = np.sqrt(self._square / np.float32(1.0 - _SQUARE_DECAY**self._n_steps))
        self.values -= np.float32(rate) * self._mean / (spread + _TINY)


def _learn(
    likes: sparse.csr_matrix,
    features: sparse.csr_matrix,
    given: _Learnt,
    wanted: _Learnt,
    random: np.random.Generator,
) -> None:
    """Change the factors of the features, as songs that are given and as songs that are wanted."""
    able = np.flatnonzero(np.diff(likes.indptr) > 1)
    transposed, n_steps = features.T.tocsr(), 0
    for _ in range(_PASSES):
        order = random.permutation(able)
        for start in range(0, order.size, _BATCH):
            batch = likes[order[start : start + _BATCH]]
            is_given = random.random(batch.nnz) < 0.5
            slopes = _slopes(
                _part(batch, is_given),
                _part(batch, ~is_given),
                features @ given.values,
                features @ wanted.values,
            )
            for learnt, slope in zip((given, wanted), slopes, strict=True):
                learnt.change(transposed @ slope)
            n_steps += 1
            if n_steps == _MAX_STEPS:
                return


def _part(likes: sparse.csr_matrix, is_in: np.ndarray) -> sparse.csr_matrix:
    """Return ones at those of the ``likes`` that are in the part."""
    ends = np.concatenate([[0], np.cumsum(is_in)])[likes.indptr]
    return sparse.csr_matrix(
        (np.ones(ends[-1], np.float32), likes.indices[is_in], ends), shape=likes.shape
    )


def _slopes(
    given: sparse.csr_matrix, wanted: sparse.csr_matrix, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the slopes of the loss by the factors of the songs, ``left`` and ``right``.

    Both parts of the likes are ``(n_listeners, n_songs)``. The loss is the mean over the listeners;
    nobody must find what is given.
    """
    listeners, listener_lengths = _directions(np.asarray(given @ left))
    songs, song_lengths = _directions(right)
    chances = listeners @ songs.T
    chances /= np.float32(_TEMPERATURE)
    chances[given.nonzero()] = _NEVER
    chances -= chances.max(axis=1, keepdims=True)
    np.exp(chances, out=chances)
    n_wanted = np.diff(wanted.indptr)
    chances *= ((n_wanted > 0) / chances.sum(axis=1))[:, None].astype(np.float32)
    chances[wanted.nonzero()] -= np.repeat(1.0 / np.maximum(n_wanted, 1), n_wanted)
    chances /= np.float32(_TEMPERATURE * n_wanted.size)
    of_listeners = _across(chances @ songs, listeners) / listener_lengths
    of_songs = _across(chances.T @ listeners, songs) / song_lengths
    return np.asarray(given.T @ of_listeners), of_songs


def _directions(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows scaled to the length 1, and their lengths; an empty row stays empty."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True) + _TINY
    return rows / lengths, lengths


def _across(slopes: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """Return ``slopes`` without the part along the ``directions``, which changes no cosine."""
    return slopes - np.einsum("ij,ij->i", slopes, directions)[:, None] * directions
