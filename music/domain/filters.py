"""Filters of suggestion lists by facts of songs: decade, mood, language, playable here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count

from music.caching import keys, stack
from music.errors import InvalidInput
from music.models import Song

from . import index
from .suggestible import Suggestible

FIRST_DECADE, LAST_DECADE = 1900, 2090
MAX_FITTING = 20_000
"""The most songs, best known first, that a filter examines, to limit its cost."""
MOODS = {
    "angry": "Angry",
    "anthemic": "Anthemic",
    "chill": "Calm",
    "danceable": "Danceable",
    "dark": "Dark",
    "dreamy": "Dreamy",
    "energetic": "Energetic",
    "epic": "Epic",
    "festive": "Festive",
    "groovy": "Groovy",
    "happy": "Happy",
    "heartbroken": "Heartbroken",
    "intimate": "Intimate",
    "melancholic": "Sad",
    "nostalgic": "Nostalgic",
    "playful": "Playful",
    "rebellious": "Rebellious",
    "reflective": "Reflective",
    "romantic": "Romantic",
    "sensual": "Sensual",
    "spiritual": "Spiritual",
    "summery": "Summery",
    "tender": "Tender",
    "uplifting": "Uplifting",
}
"""The moods of the catalogue, and their names on pages."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The conditions that every song of a list must meet.

    They are a ``decade`` (1990), a ``mood`` (a key of ``MOODS``), a ``language`` ("en"), that it
    plays here (``plays``), and that it is not among ``without`` (addresses).
    """

    decade: int | None = None
    mood: str = ""
    language: str = ""
    plays: bool = False
    without: frozenset[str] = field(default=frozenset())

    def check(self) -> None:
        """Raise ``InvalidInput`` for an unknown decade or mood."""
        is_decade = self.decade is None or (
            FIRST_DECADE <= self.decade <= LAST_DECADE and self.decade % 10 == 0
        )
        if not is_decade:
            raise InvalidInput("decade", f"Use the first year of one, such as 1990: {self.decade}.")
        if self.mood and self.mood not in MOODS:
            raise InvalidInput("mood", f"There is no mood {self.mood!r}.", hint=", ".join(MOODS))

    def list_facts(self) -> list[str]:
        """Return the filters as texts for a cache key; empty without a filter."""
        facts = [str(self.decade or ""), self.mood, self.language, "plays" if self.plays else ""]
        return [*facts, *sorted(self.without)] if any(facts) or self.without else []

    def make_fitting(self, suggestible: Suggestible) -> "FittingSongs":
        """Return the test that the recommender applies to songs."""
        return FittingSongs(self, suggestible)


NO_FILTERS = Filters()


class FittingSongs:
    """The songs that pass the filters and may be suggested; one query if there is a filter."""

    def __init__(self, filters: Filters, suggestible: Suggestible) -> None:
        self._filters, self._suggestible = filters, suggestible
        self._fitting = _list_fitting(filters)

    def list_allowed(self, song_ids: Sequence[str]) -> set[str]:
        """Return those of ``song_ids`` that pass."""
        is_any = self._fitting is None and not self._filters.without
        wanted = song_ids if is_any else [s for s in song_ids if self._fits(s)]
        if self._filters.plays:
            return self._suggestible.list_playing(wanted)
        return self._suggestible.list_allowed(wanted)

    def _fits(self, song_id: str) -> bool:
        is_of_kind = self._fitting is None or song_id in self._fitting
        return is_of_kind and song_id not in self._filters.without


def _list_fitting(filters: Filters) -> set[str] | None:
    """Return the addresses of songs of the decade, mood and language; None if all may pass."""
    if not (filters.decade or filters.mood or filters.language):
        return None
    songs = Song.objects.best_known_first()
    if filters.decade:
        songs = songs.filter(year__range=(filters.decade, filters.decade + 9))
    if filters.language:
        songs = songs.filter(language__startswith=filters.language)
    rows = songs.values_list("address", "tags")[:MAX_FITTING]
    return {address for address, tags in rows if not filters.mood or filters.mood in tags}


def list_languages() -> list[str]:
    """Return the languages of songs that can be suggested, such as "en", most songs first.

    Counted as genres are (``songs.list_genres``).
    """
    key = keys.suggestions_key(source="languages", index_version=index.get_version())
    return stack.suggestions.fetch(key, _count_languages)


def _count_languages() -> list[str]:
    languages = Song.objects.suggestible().exclude(language="").values_list("language")
    rows = languages.annotate(n_songs=Count("id")).order_by("-n_songs", "language")
    return _without_regions(code for code, _ in rows)


def _without_regions(codes: Iterable[str]) -> list[str]:
    """Merge counts of "en-GB" and "en"; the order is that of the first occurrence."""
    return list(dict.fromkeys(code.partition("-")[0] for code in codes))
