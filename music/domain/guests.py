"""What becomes of a guest's songs when the guest signs in to an account."""

from django.db.models import Model

from accounts.models import User
from music.models import (
    Dismissal,
    MatchCorrection,
    Mix,
    Playback,
    Steering,
    UserLikedSong,
    VideoReport,
)
from tunetrace_site.replication.touches import touch
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste


def adopt_guest(*, guest: User, account: User) -> int:
    """Give ``account`` everything the guest said; what the account said itself stands. Returns how
    many likes came along.

    Rows are copied, not re-pointed: their primary keys are made from the listener's.
    """
    with unit_of_work():
        kept = _copy_likes(guest, account)
        n_likes = len(kept)
        for dismissal in Dismissal.objects.filter(user=guest):
            row, _ = Dismissal.objects.get_or_create(
                user=account,
                song_id=dismissal.song_id,
                defaults={"created_at": dismissal.created_at},
            )
            kept.append(row)
        for playback in Playback.objects.filter(user=guest):
            row, _ = Playback.objects.get_or_create(
                user=account,
                song_id=playback.song_id,
                kind=playback.kind,
                defaults={"created_at": playback.created_at},
            )
            kept.append(row)
        for steering in Steering.objects.filter(user=guest):
            row, _ = Steering.objects.get_or_create(
                user=account,
                kind=steering.kind,
                key=steering.key,
                defaults={"name": steering.name, "created_at": steering.created_at},
            )
            kept.append(row)
        for mix in Mix.objects.filter(user=guest):
            # Its key is of its token, not of the listener: the row itself changes hands.
            mix.user = account
            mix.save(update_fields=["user"])
        for report in VideoReport.objects.filter(user=guest):
            row, _ = VideoReport.objects.get_or_create(
                user=account,
                video_id=report.video_id,
                defaults={"code": report.code, "created_at": report.created_at},
            )
            kept.append(row)
        for correction in MatchCorrection.objects.filter(user=guest):
            row, _ = MatchCorrection.objects.get_or_create(
                user=account,
                query=correction.query,
                defaults={
                    "song_id": correction.song_id,
                    "rejected_ids": correction.rejected_ids,
                },
            )
            kept.append(row)
        touch(kept)
        forget_taste(account)
    return n_likes


def _copy_likes(guest: User, account: User) -> list[Model]:
    """The account's likes of what the guest liked."""
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
