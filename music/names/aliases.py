"""Decides whether an alias of a song is another name of its artist, a featured artist or the song.

The catalogue lists all aliases together ("Monetochka" with "Монеточка" and "Kazhdyi raz"), but they
must not be mixed up: "Rihanna" must not mean a song on which she is only featured.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from .matching import Candidate, find_key, make_candidate
from .normalization import normalize_key
from .patterns import NAMES


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

    def make_candidate(
        self, song_id: str, artist: str, song_title: str, aliases: Iterable[str], popularity: int
    ) -> Candidate:
        """Return a song as texts to compare with, each alias as an artist or a title."""
        keys = [key for alias in aliases if (key := normalize_key(alias))]
        artists = [key for key in keys if self._is_artist(key, artist, song_title)]
        return make_candidate(
            song_id,
            artist,
            song_title,
            artist_aliases=artists,
            title_aliases=[key for key in keys if key not in artists],
            popularity=popularity,
        )

    def _is_artist(self, alias: str, artist: str, song_title: str) -> bool:
        artist_key = find_key(artist)
        if alias in self.artists or self._earlier.is_artist(alias):
            return True
        n_listed = self.listed[artist_key, alias] + self._earlier.count_listed(artist_key, alias)
        if n_listed > 1:
            return True
        words, artist_words = set(alias.split()), artist_key.split()
        initials = "".join(word[0] for word in artist_words)
        compact = artist_key.replace(" ", "")
        return alias.replace(" ", "") in (initials, compact) or bool(
            words & set(artist_words)
        ) > bool(words & set(normalize_key(song_title).split()))
