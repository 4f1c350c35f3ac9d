"""Known names of artists, for titles that do not show which part of them is the artist."""

from collections.abc import Iterable

from .aliases import AliasBook
from .keys import make_artist_key
from .normalization import is_latin, normalize_key
from .patterns import NAMES

LEAST_DISTINCT = 4
"""The least number of letters of a name that is distinct from a word."""
Row = tuple[str, str, Iterable[str]]
"""A song's artist, title and aliases."""


class ArtistNames:
    """The names of the artists of some songs, which of them are titles too, and the songs."""

    def __init__(self, songs: Iterable[Row] = ()) -> None:
        rows = [(artist, title, tuple(aliases)) for artist, title, aliases in songs]
        book = AliasBook()
        for artist, _, aliases in rows:
            book.learn(artist, aliases)
        names = {artist for artist, _, _ in rows}
        # One word out of several names is seldom an artist: "Rain" in "Rain, Snow & Sun".
        names |= {part for name in names for part in NAMES.split(name) if " " in part}
        for artist, title, aliases in rows:
            others = book.make_candidate("", artist, title, aliases, 0).artists[1:]
            names.update(name for name in others if is_latin(name) == is_latin(artist))
        self._keys = frozenset(map(make_artist_key, names))
        keys = {(make_artist_key(artist), normalize_key(title)) for artist, title, _ in rows}
        self._songs = frozenset(keys | {("", title_key) for _, title_key in keys})
        words = {word for _, title, _ in rows for word in normalize_key(title).split()}
        self._distinct = frozenset(
            key for key in self._keys - words if " " not in key and len(key) >= LEAST_DISTINCT
        )

    def is_known(self, name: str) -> bool:
        """Return whether an artist has this name, alone or among others."""
        return make_artist_key(name) in self._keys

    def has_song(self, artist: str, title: str) -> bool:
        """Return whether the artist has a song of this title: ``"Oasis"``, ``"Wonderwall"``.

        An empty ``artist`` stands for any.
        """
        artist_key = make_artist_key(artist) if artist else ""
        return (artist_key, normalize_key(title)) in self._songs

    def is_distinct(self, word: str) -> bool:
        """Return whether an artist has this name and no song this title: ``"Radiohead"``."""
        return make_artist_key(word) in self._distinct
