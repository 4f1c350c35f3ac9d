"""The text of songs as weighted terms: the rows that stand beside the listeners in the model."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import sparse

from music.normalization import normalize_key
from music.recommender.documents import SongDocument
from music.recommender.versions import work_key

FIELD_WEIGHTS = {
    "artist": 1.0,
    "genre": 1.0,
    "tag": 1.0,
    "word": 0.5,
    "channel": 0.5,
    "decade": 0.5,
    "language": 0.5,
    "description": 0.2,
}
"""How much one term of a field says about which songs belong together, a tag being one."""

MIN_SONGS_PER_TERM = 2
"""A term of one song connects it with nothing."""

_MAX_DESCRIPTION_WORDS = 60
_FULL_TAG_COUNT = 10.0
_LINK = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")


def document_terms(document: SongDocument) -> dict[str, float]:
    """The terms of one song, each with its weight: ``{"tag:shoegaze": 1.0, "word:loveless": 0.5}``.

    A tag counted ``c`` times weighs ``log(1 + c) / log(11)``, so ten times is one plain tag.
    """
    weights: dict[str, float] = {}

    def add(field: str, text: str, weight: float = 1.0) -> None:
        key = normalize_key(text)
        if key:
            term = f"{field}:{key}"
            weights[term] = max(weights.get(term, 0.0), weight * FIELD_WEIGHTS[field])

    for tag, weight in zip(document.tags, _tag_weights(document), strict=True):
        add("tag", tag, weight)
    add("artist", document.artist)
    add("genre", document.genre)
    add("tag", document.genre)
    add("channel", document.channel)
    add("language", document.language)
    if document.year:
        add("decade", str(document.year // 10 * 10))
    for word in _title_words(document):
        add("word", word)
    for word in _description_words(document.description):
        add("description", word)
    return weights


def _tag_weights(document: SongDocument) -> Sequence[float]:
    if len(document.tag_weights) != len(document.tags):
        return [1.0] * len(document.tags)
    return [math.log1p(max(w, 0.0)) / math.log1p(_FULL_TAG_COUNT) for w in document.tag_weights]


def _title_words(document: SongDocument) -> list[str]:
    title = work_key(document).partition("|")[2]
    return f"{title} {normalize_key(document.artist)}".split()


def _description_words(description: str) -> list[str]:
    words = normalize_key(_LINK.sub(" ", description[:2000])).split()
    return [word for word in words if len(word) > 3][:_MAX_DESCRIPTION_WORDS]


def build_vocabulary(term_sets: Iterable[dict[str, float]]) -> tuple[str, ...]:
    """The terms that at least ``MIN_SONGS_PER_TERM`` songs have, sorted."""
    counts = Counter(term for terms in term_sets for term in terms)
    return tuple(sorted(term for term, n in counts.items() if n >= MIN_SONGS_PER_TERM))


def term_matrix(
    term_sets: Sequence[dict[str, float]], row_of_term: dict[str, int]
) -> sparse.csr_matrix:
    """Term weights as ``(n_terms, n_songs)`` CSR of float32; unknown terms are left out."""
    rows, columns, weights = [], [], []
    for song, terms in enumerate(term_sets):
        for term, weight in terms.items():
            row = row_of_term.get(term)
            if row is not None:
                rows.append(row)
                columns.append(song)
                weights.append(weight)
    matrix = sparse.csr_matrix(
        (np.array(weights, np.float32), (np.array(rows, np.int64), np.array(columns, np.int64))),
        shape=(len(row_of_term), len(term_sets)),
        dtype=np.float32,
    )
    matrix.sort_indices()
    return matrix
