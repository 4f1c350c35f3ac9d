"""YouTube's storage rule: what the API said is asked again, or deleted, within 30 days.

Source: YouTube API Services, Developer Policies, III.E.4 "Refreshing, Storing, and Displaying API
Data". What a listener wrote (the name of a liked song) is not API data and is never deleted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from music.collecting.naming import name_song
from music.errors import KeyRejected, QuotaExhausted, SourceUnavailable
from music.models import Chore, MatchCorrection, VideoFeature
from music.youtube.gateway import PAGE_SIZE, YouTubeGateway
from music.youtube.quota import REFRESH
from tunetrace_site.replication.unit import unit_of_work

from .listeners import forget_taste

KEEP_FOR = timedelta(days=30)
REFRESH_AFTER = timedelta(days=25)
"""Five days of slack: for quota, for YouTube being down, for a cron job that did not run."""
DELETE_AT_ONCE = 500

Progress = Callable[[int], None]
"""Called with the number of songs that were dealt with since the last call."""


@dataclass(slots=True)
class RefreshReport:
    """What a run did; ``stopped_by`` says why songs that were due were left, if any were."""

    n_refreshed: int = 0
    n_gone: int = 0
    n_deleted: int = 0
    n_units: int = 0
    stopped_by: str = ""


def list_due() -> QuerySet[VideoFeature]:
    """Songs whose metadata must be asked for again, the oldest first."""
    due_before = timezone.now() - REFRESH_AFTER
    youtube = VideoFeature.objects.from_source("youtube")
    return youtube.filter(updated_at__lt=due_before).order_by("updated_at", "video_id")


def refresh_videos(
    *,
    gateway: YouTubeGateway | None,
    max_units: int,
    on_progress: Progress = lambda _n_songs: None,
) -> RefreshReport:
    """Ask again for what is 25 days old, 50 songs a unit, then delete what is over 30 days old.

    What YouTube no longer has becomes unavailable at once, is asked for again by later runs, and
    is deleted when its 30 days are over. Without a gateway (no key) only the deletion is done. A
    second run at the same time does nothing. Raises ``KeyRejected``, after the deletion.
    """
    report = RefreshReport()
    if not _claim_run():
        report.stopped_by = "another run is at it"
        return report
    try:
        if gateway is not None:
            _refresh_due(gateway, max_units, report, on_progress)
    finally:
        report.n_deleted = delete_expired()
        _release_run()
    return report


def delete_expired() -> int:
    """Delete every song that YouTube has not confirmed for 30 days; returns how many.

    Likes keep their words and wait to be resolved again; corrections keep what they reject.
    """
    n_deleted = 0
    expired_before = timezone.now() - KEEP_FOR
    youtube = VideoFeature.objects.from_source("youtube")
    expired = youtube.filter(updated_at__lt=expired_before)
    while ids := list(expired.values_list("pk", flat=True)[:DELETE_AT_ONCE]):
        with unit_of_work():
            listeners = list(User.objects.filter(liked_songs__video__in=ids).distinct())
            MatchCorrection.objects.filter(video__in=ids).update(video=None)
            # Asked again inside: another process may have refreshed some since.
            gone = youtube.filter(pk__in=ids, updated_at__lt=expired_before)
            n_deleted += gone.delete()[1].get(VideoFeature._meta.label, 0)
            for listener in listeners:
                forget_taste(listener)
    return n_deleted


def _refresh_due(
    gateway: YouTubeGateway, max_units: int, report: RefreshReport, on_progress: Progress
) -> None:
    try:
        for ids in _walk_due():
            if report.n_units >= max_units:
                report.stopped_by = "budget"
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
    """Ids of due songs, 50 at a time; each is met once, also when it stays due."""
    after: tuple[datetime, str] | None = None
    while True:
        due = list_due()
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
        # updated_at stays: nothing new is known of them, and their 30 days go on running.
        VideoFeature.objects.filter(video_id__in=batch.missing).update(available=False)
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
