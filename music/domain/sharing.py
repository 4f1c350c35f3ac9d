"""Sharing: a listener's songs at a secret address, off by default.

Whoever has the address sees songs, and nothing about the listener, until the listener closes it.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from music.errors import InvalidInput, NotFound
from music.models import Mix, Share
from music.records import ShownSong
from tunetrace_site.replication.touches import touch, touch_absent
from tunetrace_site.replication.unit import unit_of_work

from .likes import list_likes
from .mixes import get_mix, show_mix
from .playing import show_likes
from .suggestions import suggest_for_others

MIX = "mix"
KINDS = (*Share.Kind.values, MIX)
MAX_SHOWN = 200
N_SUGGESTIONS = 20
_TOKEN_BYTES = 24
_TITLES = {Share.Kind.LIKES: "Songs somebody likes", Share.Kind.SUGGESTIONS: "Songs to try next"}


@dataclass(frozen=True, slots=True)
class SharedSong:
    """A song of a shared list, and when it was added."""

    song: ShownSong
    at: datetime


@dataclass(frozen=True, slots=True)
class SharedList:
    """What the address (``token``) shows: a title that names nobody, and songs.

    ``updated_at`` is when a song was added last, or when the list was first shared.
    """

    token: str
    title: str
    songs: tuple[SharedSong, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class OpenList:
    """A list that a listener shares: its kind (one of ``KINDS``) and the token of its address.

    ``mix_token`` is the mix's own token, for a shared mix. ``was_made`` says that the call that
    returned this has begun to share it.
    """

    kind: str
    token: str
    opened_at: datetime
    mix_token: str | None = None
    was_made: bool = False


def open_songs(*, listener: User, kind: str) -> OpenList:
    """Open the listener's songs of a kind, as ``share`` does, and describe what is open."""
    return _describe_share(share(listener=listener, kind=kind))


def open_mix(*, listener: User, token: str) -> OpenList:
    """Open a mix, as ``share_mix`` does, and describe what is open."""
    return _describe_mix(share_mix(listener=listener, token=token))


def list_open(*, listener: User) -> list[OpenList]:
    """Return what the listener shares, newest first."""
    opened = [_describe_share(row) for row in Share.objects.filter(user=listener)]
    opened += [_describe_mix(mix) for mix in list_shared_mixes(listener=listener)]
    return sorted(opened, key=lambda one: one.opened_at, reverse=True)


def get_open(*, listener: User, token: str) -> OpenList:
    """Return what the listener shares at this address. Raises ``NotFound``."""
    found = next((one for one in list_open(listener=listener) if one.token == token), None)
    if found is None:
        raise NotFound("You share nothing at this address.", hint="It may have been closed.")
    return found


def close_list(*, listener: User, token: str) -> None:
    """Stop sharing what the listener shares at this address. Raises ``NotFound``."""
    found = get_open(listener=listener, token=token)
    if found.mix_token is not None:
        end_sharing_mix(listener=listener, token=found.mix_token)
    else:
        end_sharing(listener=listener, kind=found.kind)


def _describe_share(row: Share) -> OpenList:
    return OpenList(row.kind, row.token, row.created_at, was_made=row.was_made)


def _describe_mix(mix: Mix) -> OpenList:
    opened_at = mix.shared_at or mix.created_at
    return OpenList(MIX, mix.share_token or "", opened_at, mix.token, was_made=mix.was_opened)


def share(*, listener: User, kind: str) -> Share:
    """Share the listener's songs of a kind; return the same address if they are shared already.

    Raises ``InvalidInput`` for ``kind``.
    """
    if kind not in Share.Kind.values:
        raise InvalidInput("kind", f"Use one of {', '.join(Share.Kind.values)}, not {kind!r}.")
    with unit_of_work():
        listener.ensure_stored()
        found, is_new = Share.objects.get_or_create(
            user=listener, kind=kind, defaults={"token": _make_token()}
        )
        if not is_new:
            touch([found])
    found.was_made = is_new
    return found


def end_sharing(*, listener: User, kind: str) -> None:
    """Stop sharing a kind; its address never works again, even if the kind is shared anew."""
    with unit_of_work():
        n_deleted, _ = Share.objects.filter(user=listener, kind=kind).delete()
        if not n_deleted:
            touch_absent(Share, listener.pk, kind)


def share_mix(*, listener: User, token: str) -> Mix:
    """Share a mix of the listener's; return the same address if it is shared already.

    Raises ``NotFound``.
    """
    with unit_of_work():
        mix = get_mix(listener=listener, token=token)
        mix.was_opened = mix.share_token is None
        mix.share_token = mix.share_token or _make_token()
        mix.shared_at = mix.shared_at or timezone.now()
        mix.save(update_fields=["share_token", "shared_at"])
    return mix


def end_sharing_mix(*, listener: User, token: str) -> Mix:
    """Stop sharing a mix; its address never works again. Raises ``NotFound``."""
    with unit_of_work():
        mix = get_mix(listener=listener, token=token)
        mix.share_token = mix.shared_at = None
        mix.save(update_fields=["share_token", "shared_at"])
    return mix


def list_shared_mixes(*, listener: User) -> list[Mix]:
    """Return the listener's shared mixes, by name."""
    return list(Mix.objects.filter(user=listener, share_token__isnull=False).order_by("name", "id"))


def _make_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hand_over_shares(*, guest: User, account: User) -> None:
    """Move a guest's shares to the account, at the same addresses; in a unit of work.

    A kind that the account shares already is left as it is.
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
    """Return the listener's shares by kind."""
    return {row.kind: row for row in Share.objects.filter(user=listener)}


def get_shared(*, token: str) -> SharedList:
    """Return what this address shows. Raises ``NotFound`` where it leads nowhere (any more)."""
    found = Share.objects.filter(token=token, user__is_active=True).select_related("user").first()
    if found is not None:
        list_songs = _list_likes if found.kind == Share.Kind.LIKES else _list_suggestions
        songs = tuple(list_songs(found))
        updated_at = max((song.at for song in songs), default=found.created_at)
        return SharedList(token, _TITLES[Share.Kind(found.kind)], songs, updated_at)
    mix = Mix.objects.filter(share_token=token, user__is_active=True).first()
    if mix is None:
        raise NotFound("There is nothing at this address.", hint="It may have been closed.")
    # When a song was added to a mix is not stored: all count as added when it was shared.
    opened_at = mix.shared_at or mix.created_at
    songs = tuple(SharedSong(song, opened_at) for song in show_mix(mix).songs)
    return SharedList(token, mix.name, songs, max(mix.updated_at, opened_at))


def _list_likes(found: Share) -> Iterator[SharedSong]:
    """Return the newest likes with a known song; the listener's own words are not shown."""
    likes = list(list_likes(listener=found.user)[:MAX_SHOWN])
    shown = show_likes(likes)
    for like in likes:
        if like.pk in shown:
            yield SharedSong(shown[like.pk], like.created_at)


def _list_suggestions(found: Share) -> Iterator[SharedSong]:
    """Return the listener's present suggestions; each song is dated when it first appeared."""
    answer = suggest_for_others(listener=found.user, limit=N_SUGGESTIONS)
    for song in answer.suggestions:
        yield SharedSong(song, found.created_at)
