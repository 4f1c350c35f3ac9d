"""What a listener shows to others: off until they say so, at an address that nobody can guess.

Whoever has the address sees songs, and nothing of whose they are, until the listener closes it.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from music.errors import InvalidInput, NotFound
from music.models import Share
from music.records import ShownSong
from tunetrace_site.replication.touches import touch, touch_absent
from tunetrace_site.replication.unit import unit_of_work

from .likes import list_likes
from .playing import show_likes
from .suggestions import suggest_for_others

MAX_SHOWN = 200
N_SUGGESTIONS = 20
_TOKEN_BYTES = 24
_TITLES = {Share.Kind.LIKES: "Songs somebody likes", Share.Kind.SUGGESTIONS: "Songs to try next"}


@dataclass(frozen=True, slots=True)
class SharedSong:
    """A song of a shared list, and when it came to it."""

    song: ShownSong
    at: datetime


@dataclass(frozen=True, slots=True)
class SharedList:
    """What whoever knows the address sees: a title that names nobody, and songs."""

    share: Share
    title: str
    songs: tuple[SharedSong, ...]

    @property
    def updated_at(self) -> datetime:
        """When a song came to it last, or when it was first shared."""
        return max((song.at for song in self.songs), default=self.share.created_at)


def share(*, listener: User, kind: str) -> Share:
    """Open the listener's songs of a kind; the same address when they are open already.

    Raises ``InvalidInput`` for ``kind``.
    """
    if kind not in Share.Kind.values:
        raise InvalidInput("kind", f"Use one of {', '.join(Share.Kind.values)}, not {kind!r}.")
    with unit_of_work():
        found, is_new = Share.objects.get_or_create(
            user=listener, kind=kind, defaults={"token": secrets.token_urlsafe(_TOKEN_BYTES)}
        )
        if not is_new:
            touch([found])
    return found


def end_sharing(*, listener: User, kind: str) -> None:
    """Close what was open: its address leads nowhere from now on, also when it is opened again."""
    with unit_of_work():
        n_deleted, _ = Share.objects.filter(user=listener, kind=kind).delete()
        if not n_deleted:
            touch_absent(Share, listener.pk, kind)


def hand_over_shares(*, guest: User, account: User) -> None:
    """Let what a guest opened stay open as the account's, at the same address; in a unit of work.

    What the account has open itself stands.
    """
    for opened in Share.objects.filter(user=guest):
        opened.delete()
        if not Share.objects.filter(user=account, kind=opened.kind).exists():
            Share.objects.create(
                user=account,
                kind=opened.kind,
                token=opened.token,
                created_at=opened.created_at,
            )


def find_shares(*, listener: User) -> dict[str, Share]:
    """What is open, by kind."""
    return {row.kind: row for row in Share.objects.filter(user=listener)}


def get_shared(*, token: str) -> SharedList:
    """What this address shows. Raises ``NotFound`` where it leads nowhere (any more)."""
    found = Share.objects.filter(token=token, user__is_active=True).select_related("user").first()
    if found is None:
        raise NotFound("There is nothing at this address.", hint="It may have been closed.")
    list_songs = _list_likes if found.kind == Share.Kind.LIKES else _list_suggestions
    return SharedList(found, _TITLES[Share.Kind(found.kind)], tuple(list_songs(found)))


def _list_likes(found: Share) -> Iterator[SharedSong]:
    """The newest likes whose song is known: words of the listener's own stay theirs."""
    likes = list(list_likes(listener=found.user)[:MAX_SHOWN])
    shown = show_likes(likes)
    for like in likes:
        if like.pk in shown:
            yield SharedSong(shown[like.pk], like.created_at)


def _list_suggestions(found: Share) -> Iterator[SharedSong]:
    """What is suggested to the listener at present; each song is new from the day it appears."""
    answer = suggest_for_others(listener=found.user, limit=N_SUGGESTIONS)
    for song in answer.suggestions:
        yield SharedSong(song, found.created_at)
