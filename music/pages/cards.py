"""Songs as cards on pages, with the listener's opinion of each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from accounts.models import User
from music.domain.reports import avoid_refused
from music.models import Dismissal, UserLikedSong
from music.records import Cause, ShownSong, Suggestion
from music.templatetags.music_tags import as_shown

WEIGHTY = 0.4


@dataclass(frozen=True, slots=True)
class Card:
    """One song, the listener's like of it if any, and why it is suggested."""

    song: ShownSong
    like_id: int | None = None
    is_dismissed: bool = False
    because: tuple[Cause, ...] = ()

    @property
    def state(self) -> str:
        """ "liked", "dismissed" or "new"."""
        if self.like_id is not None:
            return "liked"
        return "dismissed" if self.is_dismissed else "new"

    @property
    def dom_id(self) -> str:
        """A name for the song in the ids of its elements; the same in every response."""
        return hashlib.blake2s(self.song.song_id.encode(), digest_size=5).hexdigest()

    @property
    def plain(self) -> "Card":
        """The card reduced to what its buttons show: cards with the same buttons are equal."""
        like_id = None if self.like_id is None else 0
        return Card(as_shown(self.song), like_id, self.is_dismissed)


class ShownLike(NamedTuple):
    """The fields of a like that its row on the likes page shows."""

    pk: int
    song_name: str
    learn: bool


def build_cards(songs: Sequence[ShownSong], listener: User | None) -> list[Card]:
    """Return a card per song, with three queries (none for an unknown listener)."""
    songs = avoid_refused(songs, listener)
    song_pks = {song.song_pk for song in songs if song.song_pk is not None}
    liked, dismissed = _find_opinions(song_pks, listener)
    return [
        Card(
            song,
            like_id=liked.get(song.song_pk),
            is_dismissed=song.song_pk in dismissed,
            because=_keep_weighty(song.because) if isinstance(song, Suggestion) else (),
        )
        for song in songs
    ]


def _keep_weighty(because: tuple[Cause, ...]) -> tuple[Cause, ...]:
    """Return the causes worth naming: those that count at least two fifths of the first."""
    return tuple(cause for cause in because if cause.share >= WEIGHTY * because[0].share)


def _find_opinions(
    song_pks: set[int], listener: User | None
) -> tuple[dict[int | None, int], set[int | None]]:
    """Return like ids by the song's key, and those of ``song_pks`` that are dismissed."""
    if listener is None or not song_pks:
        return {}, set()
    likes = UserLikedSong.objects.filter(user=listener, song__in=song_pks)
    dismissals = Dismissal.objects.filter(user=listener, song__in=song_pks)
    return (
        dict(likes.values_list("song_id", "pk")),
        set(dismissals.values_list("song_id", flat=True)),
    )
