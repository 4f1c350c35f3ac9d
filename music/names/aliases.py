"""Decides whether an alias of a song is another name of its artist, a featured artist or the song.

The catalogue lists all aliases together ("Monetochka" with "Монеточка" and "Kazhdyi raz"), but they
must not be mixed up: "Rihanna" must not mean a song on which she is only featured.
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from .matching import Candidate, find_key, make_candidate
from .normalization import normalize_key
from .patterns import NAMES


@lru_cache(maxsize=50_000)
def _split_artist(artist: str) -> frozenset[str]:
    """Return an artist's key, and a key for each of several ("Rosé & Bruno Mars")."""
    return frozenset((find_key(artist), *(find_key(name) for name in NAMES.split(artist))))


class AliasBook:
    """Sorts aliases by what is known of all songs seen so far. Not safe to change from two threads.

    An alias is an artist's when an artist has that name, when several songs of the artist list it,
    or when it resembles the artist's name; otherwise it is another title.
    """

    def __init__(self) -> None:
        self._artists: set[str] = set()
        self._listed: Counter[tuple[str, str]] = Counter()

    def learn(self, artist: str, aliases: Iterable[str]) -> None:
        """Record the artist and the aliases of one song."""
        self._artists |= _split_artist(artist)
        for alias in aliases:
            self._listed[find_key(artist), normalize_key(alias)] += 1

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
        if alias in self._artists or self._listed[artist_key, alias] > 1:
            return True
        words, artist_words = set(alias.split()), artist_key.split()
        initials = "".join(word[0] for word in artist_words)
        compact = artist_key.replace(" ", "")
        return alias.replace(" ", "") in (initials, compact) or bool(
            words & set(artist_words)
        ) > bool(words & set(normalize_key(song_title).split()))
