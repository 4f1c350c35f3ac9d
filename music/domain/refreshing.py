"""YouTube's storage rule: data from its API is asked for again, or deleted, within 30 days.

Source: YouTube API Services, Developer Policies, III.E.4 "Refreshing, Storing, and Displaying API
Data". What a listener wrote (the name of a liked song) is not API data and is never deleted, nor is
what the bundled catalogue says: the facts of its songs, and the ids of its videos.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from music.collecting.naming import name_song
from music.errors import KeyRejected, QuotaExhausted, SourceUnavailable
from music.models import Chore, Dismissal, Playback, Song, UserLikedSong, VideoFeature, VideoReport
from music.models.video_feature import BUNDLE
from music.youtube.budgets import BUDGET_SPENT
from music.youtube.gateway import PAGE_SIZE, YouTubeGateway
from music.youtube.quota import REFRESH
from tunetrace_site.replication.unit import unit_of_work

from .keyless_refreshing import refresh_linked
from .listeners import forget_taste

KEEP_FOR = timedelta(days=30)
REFRESH_AFTER = timedelta(days=25)
"""Five days before the limit: for lack of quota, YouTube being down, or a missed run."""
DELETE_AT_ONCE = 500

Progress = Callable[[int], None]
"""Called with the number of videos handled since the last call."""


@dataclass(slots=True)
class RefreshReport:
    """The result of a run; ``stopped_by`` says why due videos were left, if any were."""

    n_refreshed: int = 0
    n_gone: int = 0
    n_deleted: int = 0
    n_units: int = 0
    stopped_by: str = ""


def list_due_videos() -> QuerySet[VideoFeature]:
    """Return videos that YouTube must be asked about, oldest first.

    Those are videos last described 25 days ago, those of the bundle that were never described, and
    those reported since they were described.
    """
    due_before = timezone.now() - REFRESH_AFTER
    told = VideoFeature.objects.told_by_youtube()
    never_told = VideoFeature.objects.exclude(pk__in=told.values("pk"))
    reported = VideoReport.objects.filter(
        video=OuterRef("pk"), created_at__gt=OuterRef("updated_at")
    )
    is_reported = VideoFeature.objects.filter(Exists(reported))
    due = told.filter(updated_at__lt=due_before) | never_told | is_reported
    return due.order_by("updated_at", "video_id")


def refresh_videos(
    *,
    gateway: YouTubeGateway | None,
    max_units: int,
    on_progress: Progress = lambda _n_songs: None,
) -> RefreshReport:
    """Refresh data that is 25 days old, 50 videos a unit, then delete what is over 30 days old.

    A video that YouTube no longer has becomes unavailable at once, is asked for again by later
    runs, and is deleted when its 30 days are over. Without a gateway (no key) only videos of links
    are refreshed (``keyless_refreshing``). A second run at the same time does nothing. Raises
    ``KeyRejected``, after the deletion.
    """
    report = RefreshReport()
    if not _claim_run():
        report.stopped_by = "another run is at it"
        return report
    try:
        if gateway is not None:
            _refresh_due(gateway, max_units, report, on_progress)
        else:
            report.n_refreshed, report.n_gone = refresh_linked(timezone.now() - REFRESH_AFTER)
    finally:
        report.n_deleted = delete_expired()
        _release_run()
    return report


def delete_expired() -> int:
    """Delete data that YouTube has not confirmed for 30 days; return how many videos.

    A song goes with its last video, unless it is of the bundled catalogue; of a video in the
    catalogue the id stays. Likes keep their words and dismissals their song's key, which finds the
    song again once it is learnt anew.
    """
    n_deleted = 0
    expired = VideoFeature.objects.told_by_youtube().filter(updated_at__lt=_expired_before())
    while keys := list(expired.values_list("pk", flat=True)[:DELETE_AT_ONCE]):
        with unit_of_work():
            n_deleted += _delete(keys)
    return n_deleted


def _expired_before() -> datetime:
    return timezone.now() - KEEP_FOR


def _delete(keys: list[int]) -> int:
    # Filtered again inside the unit: another process may have refreshed some since.
    expired = VideoFeature.objects.filter(pk__in=keys, updated_at__lt=_expired_before())
    songs = set(expired.exclude(song=None).values_list("song_id", flat=True))
    likes = UserLikedSong.objects.filter(video__in=expired)
    listeners = set(likes.values_list("user_id", flat=True))
    n_blanked = VideoFeature.objects.blank(expired.from_source(BUNDLE))
    n_deleted = expired.delete()[1].get(VideoFeature._meta.label, 0)
    listeners |= _forget_songs(songs)
    for listener in User.objects.filter(pk__in=listeners):
        forget_taste(listener)
    return n_blanked + n_deleted


def _forget_songs(keys: set[int]) -> set[int]:
    """Delete those of these learnt songs that have no take left; return the listeners concerned.

    A song that an operator joined with others stays as a bare name, as the target of redirects.
    """
    silent = Song.objects.filter(pk__in=keys, is_bundled=False, takes=None)
    gone = set(silent.values_list("pk", flat=True))
    concerned: set[int] = set()
    for model in (UserLikedSong, Dismissal, Playback):
        concerned |= set(model.objects.filter(song__in=gone).values_list("user_id", flat=True))
    joined = Song.objects.filter(joined_to__in=gone)
    kept = set(joined.values_list("joined_to_id", flat=True))
    Song.objects.filter(pk__in=kept).forget_learnt_facts()
    Song.objects.filter(pk__in=gone - kept).delete()
    return concerned


def _refresh_due(
    gateway: YouTubeGateway, max_units: int, report: RefreshReport, on_progress: Progress
) -> None:
    try:
        for ids in _walk_due():
            if report.n_units >= max_units:
                report.stopped_by = BUDGET_SPENT
                return
            report.n_units += 1
            _refresh(gateway, ids, report)
            on_progress(len(ids))
            _renew_run()
    except KeyRejected:
        report.stopped_by = "the API key is rejected"
        raise
    except (QuotaExhausted, SourceUnavailable) as error:
        report.stopped_by = error.message


def _walk_due() -> Iterator[list[str]]:
    """Yield ids of due songs, 50 at a time; each comes once, even when it stays due."""
    after: tuple[datetime, str] | None = None
    while True:
        due = list_due_videos()
        if after is not None:
            due = due.filter(updated_at__gte=after[0]).exclude(
                updated_at=after[0], video_id__lte=after[1]
            )
        rows = list(due.values_list("updated_at", "video_id")[:PAGE_SIZE])
        if not rows:
            return
        after = rows[-1]
        yield [video_id for _, video_id in rows]


def _refresh(gateway: YouTubeGateway, ids: list[str], report: RefreshReport) -> None:
    batch = gateway.fetch_videos(ids, caller=REFRESH)
    songs = [name_song(record) for record in batch.found]
    with unit_of_work():
        VideoFeature.objects.store(songs)
        missing = VideoFeature.objects.filter(video_id__in=batch.missing)
        # A video of the bundle stays: YouTube has just said that it is gone, and that is recent
        # data.
        missing.from_source(BUNDLE).update(available=False, updated_at=timezone.now())
        # updated_at stays: nothing new is known, so their 30 days go on.
        missing.exclude(source=BUNDLE).update(available=False)
    report.n_refreshed += len(batch.found)
    report.n_gone += len(batch.missing)


def _claim_run() -> bool:
    now = timezone.now()
    with unit_of_work():
        return Chore.objects.claim(Chore.Kind.REFRESH, "", now=now, done_before=now)


def _renew_run() -> None:
    with unit_of_work():
        Chore.objects.filter(kind=Chore.Kind.REFRESH).update(claimed_at=timezone.now())


def _release_run() -> None:
    with unit_of_work():
        Chore.objects.finish(Chore.Kind.REFRESH, "", now=timezone.now())
