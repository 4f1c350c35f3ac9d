"""Songs that were found to be suggestible lately, in this process: a new list asks about hundreds.

They are known for a minute, and no longer than cached lists are valid: such a list may always show
a song whose video has gone, or has come, since it was made. A song that may not be suggested is
not kept, so that a new one is suggested at once.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from . import parts
from .keys import SUGGESTIONS

LIFE_SECONDS = 60.0
MAX_SONGS = 20_000


class SuggestibleSong(NamedTuple):
    """What is kept of a song: the key of its artist, and whether a take of it plays here."""

    artist_key: str
    plays: bool


@dataclass(frozen=True, slots=True)
class SuggestibleSongs:
    """The songs found since one moment, by address."""

    generation: tuple[int, ...]
    ends_at: float
    songs: dict[str, SuggestibleSong] = field(default_factory=dict)

    def find(self, addresses: Collection[str]) -> dict[str, SuggestibleSong]:
        """Return those of ``addresses`` that are known."""
        known = self.songs
        return {address: known[address] for address in addresses if address in known}

    def keep(self, songs: Mapping[str, SuggestibleSong]) -> None:
        """Add songs that were read after this object was got."""
        self.songs.update(songs)


_slots = parts.generations.find_slots([SUGGESTIONS])
_present = SuggestibleSongs((), 0.0)


def get_known() -> SuggestibleSongs:
    """Return the songs that are known; get them before songs are read that are to be kept."""
    global _present
    present, generation = _present, parts.generations.read(_slots)
    is_valid = time.monotonic() < present.ends_at and present.generation == generation
    if not is_valid or len(present.songs) > MAX_SONGS:
        # Threads that do this at once lose each other's songs, which are then read again.
        present = _present = SuggestibleSongs(generation, time.monotonic() + LIFE_SECONDS)
    return present


def forget() -> None:
    """Read every song again."""
    global _present
    _present = SuggestibleSongs((), 0.0)
