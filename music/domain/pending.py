"""Likes whose song could not be found when they were made; a daily job tries again."""

from collections.abc import Callable
from dataclasses import dataclass

from music.catalogue.resolver import MAX_NAMES, resolve
from music.models import Song, UserLikedSong, VideoFeature
from music.youtube.quota import PENDING
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste

Progress = Callable[[int], None]
"""Called with the number of likes that were tried since the last call."""


@dataclass(slots=True)
class PendingReport:
    """The result of a run."""

    n_tried: int = 0
    n_resolved: int = 0


def resolve_pending(
    *, max_likes: int, on_progress: Progress = lambda _n_likes: None
) -> PendingReport:
    """Find the songs of up to ``max_likes`` likes without one, oldest first.

    A like that got a song, was changed or removed meanwhile is left alone, so that two runs at once
    do no harm. Searches are spent in the name of a background job: never the listeners'.
    """
    report = PendingReport()
    likes = list(UserLikedSong.objects.pending().select_related("user")[:max_likes])
    by_listener: dict[int, list[UserLikedSong]] = {}
    for like in likes:
        by_listener.setdefault(like.user_id, []).append(like)
    for own_likes in by_listener.values():
        for start in range(0, len(own_likes), MAX_NAMES):
            tried = own_likes[start : start + MAX_NAMES]
            report.n_resolved += _resolve(tried)
            report.n_tried += len(tried)
            on_progress(len(tried))
    return report


def _resolve(likes: list[UserLikedSong]) -> int:
    """Find the songs of one listener's likes; return how many were found."""
    listener = likes[0].user
    names = [like.song_name for like in likes]
    found = resolve(names, listener_id=listener.pk, caller=PENDING)
    songs = Song.objects.in_bulk({r.song_id for r in found} - {None}, field_name="address")
    videos = VideoFeature.objects.in_bulk(
        {r.video_id for r in found} - {None}, field_name="video_id"
    )
    n_resolved = 0
    with unit_of_work():
        for like, resolution in zip(likes, found, strict=True):
            song = songs.get(resolution.song_id or "")
            video = videos.get(resolution.video_id or "")
            if song is not None or video is not None:
                still_pending = UserLikedSong.objects.pending().filter(pk=like.pk)
                n_resolved += still_pending.update(song=song, video=video)
        if n_resolved:
            forget_taste(listener)
    return n_resolved
