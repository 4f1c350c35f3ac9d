"""Likes of listeners with one of two tastes, for tests of what is made from likes alone."""

import numpy as np
from scipy import sparse

N_SONGS, N_LISTENERS = 40, 300


def make_likes() -> sparse.csr_matrix:
    """Two tastes of twenty songs; nobody likes both song 0 and song 1, nor song 39."""
    random = np.random.default_rng(0)
    likes = np.zeros((N_LISTENERS, N_SONGS), np.float32)
    for listener in range(N_LISTENERS):
        first = listener % 2 * 20
        likes[listener, first + random.choice(20, 6, replace=False)] = 1.0
    likes[likes[:, 0] > 0.0, 1] = 0.0
    likes[:, 39] = 0.0
    return sparse.csr_matrix(likes)
