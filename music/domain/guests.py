"""Moves a guest's data to the account that the guest signs in to."""

from collections.abc import Sequence

from django.db.models import Model

from accounts.models import User
from music.models import (
    Dismissal,
    MatchCorrection,
    Mix,
    Playback,
    PlaylistImport,
    Steering,
    UserLikedSong,
    VideoReport,
)
from tunetrace_site.replication.touches import touch
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste
from .sharing import hand_over_shares

COPIED: tuple[tuple[type[Model], tuple[str, ...], tuple[str, ...]], ...] = (
    (Dismissal, ("song_id",), ("created_at",)),
    (Playback, ("song_id", "kind"), ("created_at",)),
    (MatchCorrection, ("query",), ("song_id", "rejected_ids")),
    (Steering, ("kind", "key"), ("name", "created_at")),
    (VideoReport, ("video_id",), ("code", "created_at")),
)
"""Tables to copy: the rest of a row's natural key beside the listener, and its contents."""


def adopt_guest(*, guest: User, account: User) -> int:
    """Give ``account`` everything of the guest's; where both have an opinion, the account's stays.

    Returns the number of likes that were moved. Rows are copied, not re-pointed: their primary keys
    are derived from the listener's.
    """
    with unit_of_work():
        kept = _copy_likes(guest, account)
        n_likes = len(kept)
        for model, natural_key, told in COPIED:
            kept += _copy(model, guest, account, natural_key, told)
        # The key of a mix is not derived from its listener: the row itself changes its owner.
        for mix in Mix.objects.filter(user=guest):
            mix.user = account
            mix.save(update_fields=["user"])
        # The key of an import is made of its token: imports that have begun go on.
        PlaylistImport.objects.filter(user=guest).update(user=account)
        hand_over_shares(guest=guest, account=account)
        touch(kept)
        forget_taste(account)
    return n_likes


def _copy(
    model: type[Model],
    guest: User,
    account: User,
    natural_key: Sequence[str],
    told: Sequence[str],
) -> list[Model]:
    """Return the account's rows with the natural keys of the guest's, made where there are none."""
    rows = []
    for row in model._default_manager.filter(user=guest):
        named = {name: getattr(row, name) for name in natural_key}
        facts = {name: getattr(row, name) for name in told}
        rows.append(model._default_manager.get_or_create(user=account, **named, defaults=facts)[0])
    return rows


def _copy_likes(guest: User, account: User) -> list[Model]:
    """Return the account's likes of what the guest liked, made where there are none."""
    of_songs = UserLikedSong.objects.filter(user=account).exclude(song=None)
    liked = {like.song_id: like for like in of_songs}
    kept: list[Model] = []
    for like in UserLikedSong.objects.filter(user=guest):
        row = liked.get(like.song_id)
        if row is None:
            row, _ = UserLikedSong.objects.get_or_create(
                user=account,
                song_name=like.song_name,
                defaults={
                    "song_id": like.song_id,
                    "video_id": like.video_id,
                    "learn": like.learn,
                    "created_at": like.created_at,
                },
            )
        kept.append(row)
    return kept
