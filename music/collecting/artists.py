"""The artists of the bundled catalogue, as this process knows them."""

import threading
import time
from datetime import datetime, timedelta

from django.utils import timezone

from music.models import Song
from music.names.artists import ArtistNames

REFRESH_SECONDS = 600.0
"""How long a process uses what it read of the catalogue before it looks for changes."""
OVERLAP = timedelta(seconds=60)
"""A row may be committed this long after its ``updated_at``."""
NEVER = float("-inf")


class KnownArtists:
    """The artists of the bundled catalogue; names read from videos may be wrong and do not count.

    Safe to use from many threads. Empty until the catalogue is loaded.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names = ArtistNames()
        self._read_at = NEVER
        self._changes_since: datetime | None = None

    def read_names(self) -> ArtistNames:
        """Return all that is known, for many questions; another object once it was read again."""
        if self._read_at == NEVER:
            self._read()
        return self._names

    def prepare(self) -> None:
        """Read the catalogue if that was long ago and a song of it has changed since.

        For a thread that may use the database, before it starts others that may not.
        """
        if time.monotonic() - self._read_at > REFRESH_SECONDS:
            self._read()

    def forget(self) -> None:
        """Read the catalogue again at the next question."""
        self._read_at, self._changes_since = NEVER, None

    def _read(self) -> None:
        with self._lock:
            began_at, songs = timezone.now(), Song.objects.filter(is_bundled=True)
            since = self._changes_since
            if since is None or songs.filter(updated_at__gte=since).exists():
                self._names = ArtistNames(songs.values_list("artist", "title", "aliases"))
            self._read_at, self._changes_since = time.monotonic(), began_at - OVERLAP


artists = KnownArtists()
"""The known artists of this process."""
