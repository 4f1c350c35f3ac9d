"""The text of songs as weighted terms: rows beside those of the listeners in the model."""

import math
import re
from collections.abc import Sequence
from functools import lru_cache

from music.names.normalization import normalize_key
from music.recommender.documents import SongDocument

FIELD_WEIGHTS = {
    "artist": 1.0,
    "near": 2.4,
    "country": 0.5,
    "genre": 1.0,
    "tag": 1.0,
    "word": 0.5,
    "channel": 0.5,
    "decade": 0.5,
    "language": 0.5,
    "energy": 0.05,
    "instrumental": 0.05,
    "occasion": 0.05,
    "description": 0.2,
}
"""The weight of a term of each field, relative to a tag, for which songs belong together."""

MIN_SONGS_PER_TERM = 2
"""A term of one song connects it with no other."""

_MAX_DESCRIPTION_WORDS = 60
_FULL_TAG_COUNT = 10.0
_LINK = re.compile(r"https?://\S+|www\.\S+|(?<!\S)[^\s@]+@\S+")


def document_terms(document: SongDocument) -> dict[str, float]:
    """Return a song's terms with weights: ``{"tag:shoegaze": 1.0, "word:loveless": 0.5}``.

    A tag counted ``c`` times weighs ``log(1 + c) / log(11)``, so ten times is one plain tag.
    """
    weights: dict[str, float] = {}

    def add(field: str, text: str, weight: float = 1.0) -> None:
        key = _key(text)
        if key:
            term = f"{field}:{key}"
            weights[term] = max(weights.get(term, 0.0), weight * FIELD_WEIGHTS[field])

    for tag, weight in zip(document.tags, _tag_weights(document), strict=True):
        add("tag", tag, weight)
    add("artist", document.artist)
    add("genre", document.genre)
    add("tag", document.genre)
    add("channel", document.channel)
    for artist, nearness in document.near_artists:
        add("near", artist, nearness)
    add("country", document.country)
    add("language", document.language.partition("-")[0])
    for occasion in document.occasions:
        add("occasion", occasion)
    if document.energy:
        add("energy", str(document.energy))
    if document.is_instrumental is not None:
        add("instrumental", "yes" if document.is_instrumental else "no")
    if document.year:
        add("decade", str(document.year // 10 * 10))
    for word in _title_words(document):
        add("word", word)
    for word in _description_words(document.description):
        add("description", word)
    return weights


@lru_cache(maxsize=65_536)
def _key(text: str) -> str:
    """Return ``normalize_key``, cached: the same tags and artists come thousands of times."""
    return normalize_key(text)


def _tag_weights(document: SongDocument) -> Sequence[float]:
    if len(document.tag_weights) != len(document.tags):
        return [1.0] * len(document.tags)
    return [math.log1p(max(w, 0.0)) / math.log1p(_FULL_TAG_COUNT) for w in document.tag_weights]


def _title_words(document: SongDocument) -> list[str]:
    keys = (_key(document.title), _key(document.artist))
    return " ".join(key.removeprefix("the ") for key in keys).split()


def _description_words(description: str) -> list[str]:
    words = normalize_key(_LINK.sub(" ", description[:2000])).split()
    return [word for word in words if len(word) > 3][:_MAX_DESCRIPTION_WORDS]
