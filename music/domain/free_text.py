"""A free text such as "sad 90s rock" as a song with these tags, to find others like it."""

import re

from music.catalogue.genres import find_genre
from music.normalization import normalize_key
from music.recommender.documents import SongDocument

TEXT_SEED = "text:"
"""The id of the song that a free text stands for; no stored song can have it."""

_DECADE = re.compile(r"(?:19|20)?(\d)0s")
_LONGEST_PHRASE = 3


def describe_text(text: str) -> SongDocument:
    """The song that ``text`` describes: its phrases as tags, its genre and decade where named."""
    words = normalize_key(text).split()
    phrases = [" ".join(words[i : i + n]) for n in _lengths(words) for i in _starts(words, n)]
    genres = [genre for phrase in phrases if (genre := find_genre(phrase))]
    return SongDocument(
        song_id=TEXT_SEED,
        title=text,
        artist="",
        genre=genres[0] if genres else "",
        tags=tuple(phrases),
        year=_find_year(words),
    )


def _lengths(words: list[str]) -> range:
    return range(min(_LONGEST_PHRASE, len(words)), 0, -1)


def _starts(words: list[str], n: int) -> range:
    return range(len(words) - n + 1)


def _find_year(words: list[str]) -> int | None:
    """The middle of the first decade named: "90s" and "1990s" are 1995, "20s" is 2025."""
    for word in words:
        if match := _DECADE.fullmatch(word):
            digit = int(match[1])
            century = 2000 if digit < 4 else 1900
            return century + digit * 10 + 5
    return None
