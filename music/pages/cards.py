"""Songs as cards on pages, with the listener's opinion of each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from accounts.models import User
from music.domain.listeners import NO_OPINIONS, load_opinions
from music.domain.reports import avoid_refused
from music.records import Cause, ShownSong, Suggestion
from music.templatetags.music_tags import as_shown

WEIGHTY = 0.4


@dataclass(frozen=True, slots=True)
class Card:
    """One song, what the listener thinks of it, and why it is suggested.

    It holds all that its html depends on, and nothing else: equal cards are rendered once.
    """

    song: ShownSong
    is_liked: bool = False
    is_dismissed: bool = False
    because: tuple[Cause, ...] = ()

    @property
    def state(self) -> str:
        """ "liked", "dismissed" or "new"."""
        if self.is_liked:
            return "liked"
        return "dismissed" if self.is_dismissed else "new"

    @property
    def dom_id(self) -> str:
        """A name for the song in the ids of its elements; the same in every response."""
        return hashlib.blake2s(self.song.song_id.encode(), digest_size=5).hexdigest()

    @property
    def plain(self) -> "Card":
        """The card without the reasons, which its buttons do not show."""
        return replace(self, because=()) if self.because else self


def build_cards(songs: Sequence[ShownSong], listener: User | None) -> list[Card]:
    """Return a card per song; no query for an unknown listener, three at most for others."""
    songs = avoid_refused(songs, listener)
    opinions = load_opinions(listener) if listener and songs else NO_OPINIONS
    return [
        Card(
            as_shown(song),
            is_liked=song.song_pk in opinions.liked,
            is_dismissed=song.song_pk in opinions.dismissed,
            because=_keep_weighty(song.because) if isinstance(song, Suggestion) else (),
        )
        for song in songs
    ]


def _keep_weighty(because: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Return the causes worth naming: those that count at least two fifths of the first."""
    return tuple(cause for cause in because if cause.share >= WEIGHTY * because[0].share)
