"""Which names are artists', for titles that do not say which part of them is the artist."""

import threading
import time

from music.models import Song
from music.names import patterns
from music.names.keys import make_artist_key

REFRESH_SECONDS = 600.0
"""How long what was read of the catalogue is used by a process."""
NEVER = float("-inf")


class KnownArtists:
    """The artists of the bundled catalogue: those of learnt songs may have been misread.

    Safe to use from many threads. Empty until the catalogue is loaded.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: frozenset[str] = frozenset()
        self._read_at = NEVER

    def is_known(self, name: str) -> bool:
        """Whether an artist of the catalogue has this name, alone or among others."""
        if self._read_at == NEVER:
            self._read()
        return make_artist_key(name) in self._keys

    def prepare(self) -> None:
        """Read the catalogue if that was long ago: for a thread that may use the database, before
        it asks others that may not.
        """
        if time.monotonic() - self._read_at > REFRESH_SECONDS:
            self._read()

    def forget(self) -> None:
        """Read the catalogue again at the next question."""
        self._read_at = NEVER

    def _read(self) -> None:
        with self._lock:
            artists = Song.objects.filter(is_bundled=True).values_list("artist", flat=True)
            names = set(artists.distinct())
            # One word of several names is too often no artist: "Rain" of "Rain, Snow & Sun".
            names |= {part for name in names for part in patterns.NAMES.split(name) if " " in part}
            self._keys = frozenset(map(make_artist_key, names))
            self._read_at = time.monotonic()


artists = KnownArtists()
"""The ones of this process."""
