"""A free text such as "sad 90s rock" as a song with these tags, to find others like it."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from music.models import Song
from music.names.genres import expand_genre, find_genre
from music.names.keys import make_artist_key
from music.names.normalization import normalize_key
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
N_NAMED_SONGS = 3
MAX_ARTIST_SONGS = 50


@dataclass(frozen=True, slots=True)
class FreeText:
    """What a free text asks for: songs like ``document``, and the ``songs`` it names itself."""

    document: SongDocument
    songs: tuple[Song, ...]

    @property
    def genres(self) -> frozenset[str]:
        """The family of the genre that the text names; empty where it names none."""
        return expand_genre(self.document.genre) or frozenset()

    @property
    def is_about_facts(self) -> bool:
        """Whether the text names a genre, a decade or a language, which a song has or has not."""
        return bool(self.document.genre or self.document.year or self.document.language)

    def list_fitting(self, song_ids: Collection[str]) -> set[str]:
        """Those of ``song_ids`` that are of the decade and the language that the text names."""
        songs = Song.objects.filter(address__in=song_ids)
        if year := self.document.year:
            songs = songs.filter(year__range=(year // 10 * 10, year // 10 * 10 + 9))
        if language := self.document.language:
            songs = songs.filter(language__startswith=language)
        return set(songs.values_list("address", flat=True))


def read_text(text: str) -> FreeText:
    """Find the artist, genre, moods, decade and language in ``text``; one query."""
    phrases = _list_phrases(normalize_key(text).split())
    genre = next((genre for phrase in phrases if (genre := find_genre(phrase))), "")
    moods = [MOODS[phrase] for phrase in phrases if phrase in MOODS]
    document = SongDocument(
        song_id=TEXT_SEED,
        title="",
        artist="",
        genre=genre,
        tags=(*phrases, *moods),
        year=next((year for phrase in phrases if (year := _find_year(phrase))), None),
        language=next((LANGUAGES[phrase] for phrase in phrases if phrase in LANGUAGES), ""),
    )
    return FreeText(document, _find_songs_of_artist(phrases))


def _list_phrases(words: list[str]) -> list[str]:
    """All runs of up to four words, the longest first: "new york" counts before "york"."""
    lengths = range(min(_LONGEST_PHRASE, len(words)), 0, -1)
    return [" ".join(words[i : i + n]) for n in lengths for i in range(len(words) - n + 1)]


def _find_songs_of_artist(phrases: list[str]) -> tuple[Song, ...]:
    """The best known songs of the artist with the longest name among ``phrases``."""
    names = [p for p in phrases if not find_genre(p) and p not in MOODS and p not in LANGUAGES]
    songs = (
        Song.objects.suggestible()
        .filter(artist_key__in={make_artist_key(name) for name in names})
        .best_known_first()
    )
    by_artist: dict[str, list[Song]] = {}
    for song in songs[:MAX_ARTIST_SONGS]:
        by_artist.setdefault(song.artist_key, []).append(song)
    longest = max(by_artist, key=len, default="")
    return tuple(by_artist.get(longest, ())[:N_NAMED_SONGS])


def _find_year(phrase: str) -> int | None:
    """The middle of a decade: "90s" and "1990s" are 1995, "20s" is 2025."""
    match = _DECADE.fullmatch(phrase)
    if match is None:
        return None
    digit = int(match[1])
    return (2000 if digit < 4 else 1900) + digit * 10 + 5
