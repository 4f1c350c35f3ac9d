"""The baselines on likes small enough to work out by hand."""

import numpy as np
from scipy import sparse

from music.recommender import SongDocument
from music.recommender.baselines import item_knn, mean_tfidf, popularity, shared_two_likes

TRAIN = sparse.csr_matrix(np.array([[1, 1, 1, 0], [1, 1, 0, 1], [1, 0, 0, 0]]), dtype=np.float32)
DOCUMENTS = [
    SongDocument(str(number), title=title, artist="")
    for number, title in enumerate(["metal", "metal loud", "bossa", "bossa soft"])
]


def asked(*songs: int) -> sparse.csr_matrix:
    row = np.zeros((1, 4), np.float32)
    row[0, list(songs)] = 1.0
    return sparse.csr_matrix(row)


def test_popularity_counts_listeners():
    assert popularity(TRAIN, DOCUMENTS)(asked(0)).tolist() == [[3.0, 2.0, 1.0, 1.0]]


def test_shared_two_likes_asks_who_shares_two():
    score = shared_two_likes(TRAIN, DOCUMENTS)
    assert score(asked(0)).tolist() == [[0.0, 0.0, 0.0, 0.0]]
    assert score(asked(0, 1)).tolist() == [[2.0, 2.0, 1.0, 1.0]]


def test_mean_tfidf_prefers_the_same_words():
    scores = mean_tfidf(TRAIN, DOCUMENTS)(asked(2))[0]
    assert scores[3] > scores[0] == scores[1] == 0.0


def test_item_knn_is_the_shrunk_cosine():
    scores = item_knn(TRAIN, DOCUMENTS)(asked(2))[0]
    expected = [1 / (3**0.5 + 10), 1 / (2**0.5 + 10), 0.0, 0.0]
    assert np.allclose(scores, expected)
