"""Videos that do not play: reported by players, withdrawn, and restored by operators.

The effect of a report is limited, since anybody can send one. It hides the video from the listener
who sent it. Only reports of two accounts, each older than a day, hide it from everybody; of an
account ten reports a day count, and fifty videos a day are withdrawn in all: others wait on the
operators' list.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from music.caching import listeners, stack
from music.errors import InvalidInput, NotFound
from music.models import Song, VideoFeature, VideoReport
from music.records import ShownSong, Suggestion, SuggestionList
from tunetrace_site.replication.prepared import PreparedQuery
from tunetrace_site.replication.unit import on_commit, unit_of_work

from .playing import show_song, show_songs, show_video

N_ACCOUNTS = 2
"""Reports of this many listeners with accounts withdraw a video for everybody."""
MAX_COUNTED_A_DAY = 10
"""The most reports of an account that count in a day."""
MAX_WITHDRAWN_A_DAY = 50
"""The most videos that listeners' reports withdraw in a day."""
DAY = MIN_ACCOUNT_AGE = timedelta(days=1)
_REPORTED = PreparedQuery(
    VideoReport,
    lambda listener: VideoReport.objects.filter(user=listener).values_list("video__video_id"),
)

Shown = TypeVar("Shown", bound=ShownSong)


def report_video(*, listener: User | None, video_id: str, code: int) -> ShownSong:
    """Store that a listener's player got error ``code`` (100, 101 or 150) for a video.

    Returns the video's song as it plays for the listener now, by another take or by none. Raises
    ``InvalidInput`` for another code, ``NotFound`` where there is no such video.
    """
    if code not in VideoReport.Code.values:
        raise InvalidInput("code", f"Use 100, 101 or 150, not {code}.")
    video = VideoFeature.objects.select_related("song__joined_to").filter(video_id=video_id).first()
    if video is None:
        raise NotFound("There is no such video here.")
    with unit_of_work():
        if listener is not None:
            listener.ensure_stored()
            _forget_refused([listener.pk])
        _record(listener, video, code)
        if _is_to_be_withdrawn(video):
            video.withdrawn_at = timezone.now()
            video.save(update_fields=["withdrawn_at"])
    refused = list_refused(listener.pk) if listener else frozenset()
    return _show_without(video, {video_id, *refused})


def _record(listener: User | None, video: VideoFeature, code: int) -> None:
    now = timezone.now()
    counts = listener is not None and listener.has_account and _has_some_left(listener, video)
    VideoReport.objects.update_or_create(
        video=video,
        user=listener,
        defaults={"code": code, "created_at": now},
        create_defaults={"code": code, "created_at": now, "counts": counts},
    )


def _has_some_left(listener: User, video: VideoFeature) -> bool:
    counted = VideoReport.objects.filter(user=listener, counts=True).exclude(video=video)
    return counted.filter(created_at__gt=timezone.now() - DAY).count() < MAX_COUNTED_A_DAY


def _is_to_be_withdrawn(video: VideoFeature) -> bool:
    long_ago = timezone.now() - MIN_ACCOUNT_AGE
    counted = video.reports.filter(counts=True, user__created_at__lte=long_ago)
    if video.withdrawn_at or counted.count() < N_ACCOUNTS:
        return False
    withdrawn = VideoFeature.objects.filter(withdrawn_at__gt=timezone.now() - DAY)
    return withdrawn.count() < MAX_WITHDRAWN_A_DAY


def _show_without(video: VideoFeature, unwanted: Collection[str]) -> ShownSong:
    if video.song is None:
        return replace(show_video(video), video_id=None)
    song = video.song.joined_to or video.song
    [shown] = show_songs([song], unwanted=unwanted)
    return shown


def list_refused(listener_pk: int) -> frozenset[str]:
    """Return the ids of the videos that do not play for a listener, by their own reports."""

    def read() -> frozenset[str]:
        return frozenset(video_id for (video_id,) in _REPORTED.fetch(listener_pk))

    return listeners.fetch_of_listener("refused videos", listener_pk, read)


def avoid_refused(songs: Sequence[Shown], listener: User | None) -> list[Shown]:
    """Return ``songs`` with other takes where theirs do not play for the listener.

    One query for a listener without reports, three at most; none for one who is new or unknown.
    """
    if listener is None or listener._state.adding or not songs:
        return list(songs)
    refused = list_refused(listener.pk)
    concerned = [song for song in songs if song.video_id in refused and song.song_pk]
    if not concerned:
        return list(songs)
    rows = Song.objects.in_bulk([song.song_pk for song in concerned])
    shown = show_songs(list(rows.values()), unwanted=refused)
    instead = {song.song_pk: song for song in shown}
    return [
        _play_by(song, instead.get(song.song_pk)) if song in concerned else song for song in songs
    ]


def avoid_refused_of(answer: SuggestionList, listener: User | None) -> SuggestionList:
    """Return a suggestion list as it plays for the listener; the same object where all plays."""
    if listener is None or listener._state.adding:
        return answer
    refused = list_refused(listener.pk)
    played = avoid_refused(answer.suggestions, listener)
    songs = tuple(_hide_causes(song, refused) for song in played)
    is_same = all(song is before for song, before in zip(songs, answer.suggestions, strict=True))
    return answer if is_same else replace(answer, suggestions=songs)


def _hide_causes(song: Suggestion, refused: Collection[str]) -> Suggestion:
    """Return ``song`` without ``refused`` videos of the songs that it is suggested for."""
    if not any(cause.video_id in refused for cause in song.because):
        return song
    hidden = (replace(c, video_id=None) if c.video_id in refused else c for c in song.because)
    return replace(song, because=tuple(hidden))


def _play_by(song: Shown, other: ShownSong | None) -> Shown:
    """Return ``song`` played by the take that ``other`` plays by."""
    played = other or show_song(Song.named(song.artist, song.title), None)
    return replace(
        song,
        video_id=played.video_id,
        take=played.take,
        duration_seconds=played.duration_seconds,
        channel_title=played.channel_title,
        channel_id=played.channel_id,
        video_title=played.video_title,
        is_restricted=played.is_restricted,
    )


def offer_again(reports: QuerySet[VideoReport]) -> int:
    """Delete ``reports``, so that their videos play again; return how many were withdrawn."""
    videos = VideoFeature.objects.filter(pk__in=set(reports.values_list("video_id", flat=True)))
    listeners = set(reports.exclude(user=None).values_list("user_id", flat=True))
    with unit_of_work():
        _forget_refused(listeners)
        reports.delete()
        return videos.exclude(withdrawn_at=None).update(withdrawn_at=None)


def _forget_refused(listener_pks: Collection[int]) -> None:
    """Invalidate cached reports of these listeners once this unit of work has committed."""

    def forget() -> None:
        for listener_pk in listener_pks:
            stack.invalidate_listener(listener_pk)

    on_commit(forget)


def withdraw(videos: QuerySet[VideoFeature]) -> int:
    """Hide ``videos`` from everybody; return how many were visible before."""
    with unit_of_work():
        return videos.filter(withdrawn_at=None).update(withdrawn_at=timezone.now())
