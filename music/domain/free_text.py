"""A free text such as "sad 90s rock" as a song with these tags, to find others like it."""

import re

from music.catalogue.genres import find_genre
from music.models import VideoFeature
from music.normalization import normalize_key
from music.recommender.documents import SongDocument

TEXT_SEED = "text:"
"""The id of the song that a free text stands for; no stored song can have it."""

MOODS = {
    "calm": "chill",
    "christmas": "festive",
    "dance": "danceable",
    "driving": "anthemic",
    "fast": "energetic",
    "feel good": "happy",
    "fun": "playful",
    "gloomy": "dark",
    "heartbreak": "heartbroken",
    "love": "romantic",
    "mellow": "chill",
    "old": "nostalgic",
    "party": "danceable",
    "quiet": "intimate",
    "relaxing": "chill",
    "sad": "melancholic",
    "sexy": "sensual",
    "sleep": "dreamy",
    "summer": "summery",
    "workout": "energetic",
}
"""Everyday words for the moods of the catalogue."""

LANGUAGES = {
    "arabic": "ar",
    "brazilian": "pt",
    "chinese": "zh",
    "english": "en",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "portuguese": "pt",
    "russian": "ru",
    "spanish": "es",
    "swedish": "sv",
    "turkish": "tr",
}

_DECADE = re.compile(r"(?:19|20)?(\d)0s")
_LONGEST_PHRASE = 4


def describe_text(text: str) -> SongDocument:
    """The song that ``text`` describes: an artist, genre, moods, decade and language where named.

    One query, to know which phrases are artists.
    """
    phrases = _list_phrases(normalize_key(text).split())
    artist = _find_artist(phrases)
    genre = next((genre for phrase in phrases if (genre := find_genre(phrase))), "")
    moods = [MOODS[phrase] for phrase in phrases if phrase in MOODS]
    return SongDocument(
        song_id=TEXT_SEED,
        title="",
        artist=artist,
        genre=genre,
        tags=(*phrases, *moods),
        year=next((year for phrase in phrases if (year := _find_year(phrase))), None),
        language=next((LANGUAGES[phrase] for phrase in phrases if phrase in LANGUAGES), ""),
    )


def _list_phrases(words: list[str]) -> list[str]:
    """All runs of up to four words, the longest first: "new york" counts before "york"."""
    lengths = range(min(_LONGEST_PHRASE, len(words)), 0, -1)
    return [" ".join(words[i : i + n]) for n in lengths for i in range(len(words) - n + 1)]


def _find_artist(phrases: list[str]) -> str:
    """The longest phrase that is an artist's name and no genre's."""
    named = [phrase for phrase in phrases if not find_genre(phrase) and phrase not in MOODS]
    known = VideoFeature.objects.filter(artist_key__in=named).values_list("artist_key", "artist")
    return max(dict(known.distinct()).items(), key=lambda pair: len(pair[0]), default=("", ""))[1]


def _find_year(phrase: str) -> int | None:
    """The middle of a decade: "90s" and "1990s" are 1995, "20s" is 2025."""
    match = _DECADE.fullmatch(phrase)
    if match is None:
        return None
    digit = int(match[1])
    return (2000 if digit < 4 else 1900) + digit * 10 + 5
