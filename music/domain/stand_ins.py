"""Stand-ins for songs that were not found: other songs by the same artist."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from music.catalogue import resolver
from music.models import Song

N_SONGS = 5
N_KEPT = 2
"""The number of the artist's best known songs that are not used as seeds, to be suggested."""
MAX_NAMES = 10
_PARTS = re.compile(r"\s[-–—]\s|\sby\s")


@dataclass(frozen=True, slots=True)
class StandIn:
    """The artist of a song that was not found, and addresses of songs that count for it."""

    name: str
    artist: str
    song_ids: tuple[str, ...]


def find_stand_ins(names: Sequence[str]) -> list[StandIn]:
    """Return stand-ins for the first ``names`` that name an artist ("Daft Punk - X").

    Two queries a name.
    """
    found = (_find_stand_in(name) for name in names[:MAX_NAMES])
    return [stand_in for stand_in in found if stand_in is not None]


def _find_stand_in(name: str) -> StandIn | None:
    parts = _PARTS.split(name)
    if len(parts) < 2:
        return None
    for part in (parts[0], parts[-1]):
        address = resolver.find_artist(part)
        song = Song.objects.filter(address=address).first() if address else None
        if song is not None:
            songs = Song.objects.suggestible().filter(artist_key=song.artist_key)
            best = songs.best_known_first().values_list("address", flat=True)
            ids = list(best[: N_KEPT + N_SONGS])
            counting = tuple(ids[max(min(N_KEPT, len(ids) - 1), 0) :])
            return StandIn(name, song.artist, counting) if ids else None
    return None
