"""Decides whether an alias of a song is another name of its artist, a featured artist or the song.

The catalogue lists all aliases together ("Monetochka" with "Монеточка" and "Kazhdyi raz"), but they
must not be mixed up: "Rihanna" must not mean a song on which she is only featured. Of an alias in
another script its sound tells, and the scripts of artist and title.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from rapidfuzz.distance import OSA

from .chinese import simplify
from .matching import Candidate, find_key, make_candidate
from .normalization import is_latin, normalize_key
from .patterns import NAMES
from .romanization import (
    find_consonants,
    find_script,
    find_sound,
    has_ideographs,
    leaves_vowels_out,
    romanize,
)

_SOUNDS_ALIKE = 0.6
"""From this similarity of their consonants on, names of two scripts may be one name."""
_WRITTEN_ALIKE = 0.3
"""The same of Chinese and Japanese signs, of which simplified ones differ."""
_LEAST_SIGNS = 3


@lru_cache(maxsize=50_000)
def _split_artist(artist: str) -> frozenset[str]:
    """Return an artist's key, and a key for each of several ("Rosé & Bruno Mars")."""
    return frozenset((find_key(artist), *(find_key(name) for name in NAMES.split(artist))))


class KnownNames(Protocol):
    """What is known of songs that were learnt earlier and are stored elsewhere."""

    def is_artist(self, key: str) -> bool:
        """Return whether an artist has the name ``key``."""

    def count_listed(self, artist: str, alias: str) -> int:
        """Return how many songs of an artist list an alias (both are keys)."""


class NothingKnown:
    """Stands for no earlier songs."""

    def is_artist(self, key: str) -> bool:
        return False

    def count_listed(self, artist: str, alias: str) -> int:
        return 0


class AliasBook:
    """Sorts aliases by what is known of all songs seen so far. Not safe to change from two threads.

    An alias is an artist's when an artist has that name, when several songs of the artist list it,
    or when it resembles the artist's name; otherwise it is another title.

    ``earlier`` knows songs that are not learnt again. ``artists`` are the keys of all artists that
    were learnt here; ``listed`` counts how many songs of an artist list an alias.
    """

    def __init__(self, earlier: KnownNames = NothingKnown()) -> None:
        self._earlier = earlier
        self.artists: set[str] = set()
        self.listed: Counter[tuple[str, str]] = Counter()

    def learn(self, artist: str, aliases: Iterable[str]) -> None:
        """Record the artist and the aliases of one song."""
        self.artists |= _split_artist(artist)
        for alias in aliases:
            self.listed[find_key(artist), normalize_key(alias)] += 1

    def is_artist(self, key: str) -> bool:
        """Return whether an artist of a song has the name ``key``."""
        return key in self.artists or self._earlier.is_artist(key)

    def make_candidate(
        self, song_id: str, artist: str, song_title: str, aliases: Iterable[str], popularity: int
    ) -> Candidate:
        """Return a song as texts to compare with, each alias as an artist, a title, or as both.

        Names in other scripts are there in simplified signs and in Latin letters too.
        """
        keys = [key for alias in aliases if (key := normalize_key(alias))]
        artist_key, title_key = find_key(artist), normalize_key(song_title)
        artists = [key for key in keys if self._is_artist(key, artist_key, title_key)]
        titles = [key for key in keys if key not in artists]
        if titles and not all(map(is_latin, (artist_key, title_key, *keys))):
            _sort_by_script(artist_key, title_key, artists, titles)
        return make_candidate(
            song_id,
            artist,
            song_title,
            artist_aliases=[*artists, *_list_spellings(artist_key)],
            title_aliases=[*titles, *_list_spellings(title_key)],
            popularity=popularity,
        )

    def _is_artist(self, alias: str, artist_key: str, title_key: str) -> bool:
        if self.is_artist(alias):
            return True
        n_listed = self.listed[artist_key, alias] + self._earlier.count_listed(artist_key, alias)
        if n_listed > 1:
            return True
        words, artist_words = set(alias.split()), artist_key.split()
        initials = "".join(word[0] for word in artist_words)
        compact = artist_key.replace(" ", "")
        return alias.replace(" ", "") in (initials, compact) or bool(
            words & set(artist_words)
        ) > bool(words & set(title_key.split()))


def _sort_by_script(artist: str, title: str, artists: list[str], titles: list[str]) -> None:
    """Move aliases from ``titles`` to ``artists`` that are the artist's by their script or sound.

    Where the artist has none in a script, the first one is theirs, since lists of aliases begin
    with the artist, and the others may be either.
    """
    scripts = {find_script(artist), find_script(title)}
    unsure = []
    for alias in list(titles):
        belongs = _rate_alike(alias, artist) - _rate_alike(alias, title)
        script = find_script(alias)
        if script in scripts and len(scripts) > 1:
            belongs = belongs or (1.0 if script == find_script(title) else -1.0)
        if belongs > 0:
            artists.append(alias)
            titles.remove(alias)
        elif not belongs and script not in scripts:
            unsure.append(alias)
    told = {find_script(alias) for alias in artists}
    unsure = [alias for alias in unsure if find_script(alias) not in told]
    artists += unsure
    for alias in unsure[:1]:
        titles.remove(alias)


def _rate_alike(alias: str, name: str) -> float:
    """Return how alike two names are, in signs or in sound; 0 where nothing speaks for it."""
    scripts = find_script(alias), find_script(name)
    if scripts == ("CJK", "CJK"):
        alike, least = OSA.normalized_similarity(alias, name), _WRITTEN_ALIKE
    elif scripts[0] == scripts[1]:
        return 0.0
    else:
        alike = _rate_pair(find_consonants(alias), find_consonants(name))
        if not leaves_vowels_out(f"{alias} {name}"):
            alike = (alike + _rate_pair(find_sound(alias), find_sound(name))) / 2
        least = _SOUNDS_ALIKE
    return alike if alike >= least else 0.0


def _rate_pair(sound: str, other: str) -> float:
    return OSA.normalized_similarity(sound, other) if sound and other else 0.0


def _list_spellings(key: str) -> list[str]:
    """Return a key in simplified signs, and in Latin letters where its script tells its sound.

    Few Chinese signs in Latin letters may be a word of another language: 有 is "you".
    """
    if is_latin(key):
        return []
    latin = romanize(key)
    tells = is_latin(latin) and not (len(key) < _LEAST_SIGNS and has_ideographs(key))
    spellings = [simplify(key), latin] if tells else [simplify(key)]
    return [spelling for spelling in spellings if spelling != key]
