"""Clusters of songs by their factors, so that a song is compared with those near to it."""

import numpy as np
from scipy import sparse

SONGS_PER_CLUSTER = 300
PROBED_CLUSTERS = 12
_SONGS_PER_GROUP = 100_000
_ASSIGNED_AT_ONCE = 8_192
_COMPARED_AT_ONCE = 512
_KMEANS_SAMPLE = 64
_KMEANS_ROUNDS = 6


def find_clusters(factors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the cluster of each song and, for each cluster, itself and its nearest by cosine.

    The songs of a large catalogue are first divided into groups of about ``_SONGS_PER_GROUP``, and
    clustered within them, so that the work grows no faster than the catalogue.
    """
    n_songs = factors.shape[0]
    groups = _cluster(factors, -(-n_songs // _SONGS_PER_GROUP))[0]
    cluster_of = np.zeros(n_songs, np.int32)
    centres: list[np.ndarray] = []
    n_clusters = 0
    for group in range(int(groups.max(initial=0)) + 1):
        rows = np.flatnonzero(groups == group)
        within, theirs = _cluster(factors[rows], rows.size // SONGS_PER_CLUSTER)
        cluster_of[rows] = within + n_clusters
        centres.append(theirs)
        n_clusters += theirs.shape[0]
    return cluster_of, _nearest(np.concatenate(centres))


def _cluster(factors: np.ndarray, n_clusters: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the cluster of each song, and the centres, by k-means on a sample of the songs."""
    random = np.random.default_rng(0)
    n_clusters = max(1, n_clusters)
    n_sample = min(factors.shape[0], n_clusters * _KMEANS_SAMPLE)
    sample = factors[random.choice(factors.shape[0], n_sample, replace=False)]
    sample = sample / np.maximum(np.linalg.norm(sample, axis=1, keepdims=True), 1e-9)
    centres = sample[:n_clusters]
    if n_clusters == 1:
        return np.zeros(factors.shape[0], np.int32), sample.mean(axis=0, keepdims=True)
    for _ in range(_KMEANS_ROUNDS):
        nearest = _assign(sample, centres)
        choice = sparse.csr_matrix(
            (np.ones(n_sample, np.float32), (nearest, np.arange(n_sample))),
            shape=(n_clusters, n_sample),
        )
        sums = np.asarray(choice @ sample)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 0.0, sums / np.maximum(lengths, 1e-9), centres)
    return _assign(factors, centres), centres


def _assign(factors: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the nearest centre of each song by cosine; the centres have length 1."""
    parts = [
        np.argmax(factors[start : start + _ASSIGNED_AT_ONCE] @ centres.T, axis=1)
        for start in range(0, factors.shape[0], _ASSIGNED_AT_ONCE)
    ]
    return np.concatenate(parts).astype(np.int32) if parts else np.empty(0, np.int32)


def _nearest(centres: np.ndarray) -> np.ndarray:
    """Return the ``PROBED_CLUSTERS`` nearest centres of each, itself among them."""
    n_nearest = min(PROBED_CLUSTERS, centres.shape[0])
    near = []
    for start in range(0, centres.shape[0], _COMPARED_AT_ONCE):
        likeness = centres[start : start + _COMPARED_AT_ONCE] @ centres.T
        own = np.arange(likeness.shape[0])
        likeness[own, start + own] = np.inf
        near.append(np.argpartition(-likeness, n_nearest - 1, axis=1)[:, :n_nearest])
    return np.concatenate(near)
