"""Adds songs to the database with cheap quota units, in the background.

First come the music charts of all regions, then the uploads of channels: those of liked songs, then
those of the best-known stored ones. When all that is read, searches that nobody else used today
find channels that no chart shows: of lyrics, of labels, and the topic channels of the artists who
matter most. The channels of all artists found there are looked up by their handles. Every chart and
channel is a chore that is claimed, so that two runs at once share the work, and a run that was
stopped is continued by the next.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.utils import timezone

from music.errors import (
    QuotaExhausted,
    SourceError,
    SourceNotFound,
    SourceRejected,
    SourceUnavailable,
)
from music.models import Chore, VideoFeature
from music.names.addresses import to_uploads_playlist
from music.names.channels import shows_others
from music.records import VideoRecord
from music.youtube.budgets import BUDGET_SPENT
from music.youtube.gateway import PAGE_SIZE, YouTubeGateway
from music.youtube.quota import HARVEST
from tunetrace_site.replication.unit import unit_of_work

from .feed_reading import find_unstored, list_new_in_feed
from .handles import guess_channel, record_guessed
from .harvest_budget import BudgetSpent, HarvestBudget, HarvestReport, Progress
from .harvest_targets import (
    DISCOVERIES,
    DISCOVERY_SHARE,
    REGIONS,
    is_song,
    list_channels,
    list_strangers,
)
from .naming import name_song
from .topic_searches import (
    TOPIC_EVERY,
    has_topic,
    list_artists_without_topic,
    list_topics,
    name_topic_chore,
    write_topic_query,
)
from .uploads import CHANNEL_EVERY, CHANNEL_PAGES, OTHERS_PAGES

CHART_PAGES = 4
"""Pages of a chart, which has at most 200 videos."""
CHART_EVERY = timedelta(hours=20)
MAX_REJECTED = 10
"""After more requests that YouTube calls invalid the fault is ours, and the run ends."""

logger = logging.getLogger(__name__)


def harvest(
    *,
    gateway: YouTubeGateway,
    max_units: int,
    max_searches: int = 0,
    regions: Sequence[str] = REGIONS,
    on_progress: Progress = lambda _what, _n_units: None,
) -> HarvestReport:
    """Store new songs for at most ``max_units`` quota units and ``max_searches`` searches.

    Safe to stop, to repeat and to run twice at once. Ends early, without an error, when the quota
    left to background work is used up or YouTube does not answer. Raises ``KeyRejected``, and
    ``SourceRejected`` when YouTube calls many requests invalid.
    """
    budget = HarvestBudget(max_units, max_searches, on_progress)
    run = _Harvest(gateway, budget)
    try:
        run.read_charts(regions)
        run.read_channels(list_channels())
        run.discover()
        run.find_topics()
        run.read_channels(list_channels())
        run.read_strangers()
    except BudgetSpent:
        run.report.stopped_by = BUDGET_SPENT
    except (QuotaExhausted, SourceUnavailable) as error:
        run.report.stopped_by = error.message
    finally:
        run.release_unfinished()
    return run.report


class _Harvest:
    def __init__(self, gateway: YouTubeGateway, budget: HarvestBudget) -> None:
        self.report = budget.report
        self._gateway = gateway
        self._budget = budget
        self._claimed: list[tuple[str, str]] = []
        self._noted: list[tuple[str, str]] = []
        self._unread_ids: dict[str, None] = {}
        self._n_rejected = 0

    def read_charts(self, regions: Iterable[str]) -> None:
        """Store the charts that were not read today."""
        for region in regions:
            if self._claim(Chore.Kind.CHART, region, CHART_EVERY):
                self._budget.spend(CHART_PAGES, f"chart {region}")
                try:
                    records = self._gateway.fetch_popular(
                        region=region, caller=HARVEST, max_pages=CHART_PAGES
                    )
                except (SourceNotFound, SourceRejected) as error:
                    self._note_refusal(error)
                    records = []
                self._store(records)
                self._finish([(Chore.Kind.CHART, region)])
                self.report.n_charts += 1

    def read_channels(self, channels: Iterable[tuple[str, str]]) -> None:
        """Store uploads of channels (id, title) that are not stored yet, 50 songs a unit."""
        for channel_id, title in channels:
            self._read_channel(channel_id, OTHERS_PAGES if shows_others(title) else CHANNEL_PAGES)
        self._read_noted()

    def discover(self) -> None:
        """Store the results of searches about no artist, each made once a week.

        They are a small part of the run's searches; ends quietly without quota.
        """
        for query in DISCOVERIES:
            if self.report.n_searches >= self._budget.max_searches * DISCOVERY_SHARE:
                break
            if self._claim(Chore.Kind.SEARCH, query, CHANNEL_EVERY):
                if self._search(query) is None:
                    return
                self._noted.append((Chore.Kind.SEARCH, query))
        self._read_noted()

    def find_topics(self) -> None:
        """Find topic channels with the remaining searches, and read them.

        Each artist is searched for once a month; ends quietly without quota. The searches are for
        videos: those are songs, and results by other artists reveal other topic channels.
        """
        for artist in list_artists_without_topic():
            if self._budget.n_searches_left < 1:
                return
            chore = name_topic_chore(artist)
            if has_topic(artist) or not self._claim(Chore.Kind.SEARCH, chore, TOPIC_EVERY):
                continue
            found = self._search(write_topic_query(artist))
            if found is None:
                return
            self._noted.append((Chore.Kind.SEARCH, chore))
            for channel_id in list_topics(found, artist):
                self._read_channel(channel_id)
            self._read_noted()

    def _search(self, query: str) -> list[VideoRecord] | None:
        """Record the results of a search; return None without quota."""
        try:
            found = self._gateway.search(query, caller=HARVEST)
        except QuotaExhausted:
            return None
        self._unread_ids |= dict.fromkeys(find_unstored(r.video_id for r in found))
        self.report.n_searches += 1
        return found

    def read_strangers(self) -> None:
        """Read the channels, found by their handles, of artists without a known channel."""
        for artist in list_strangers():
            try:
                channel_id = guess_channel(
                    self._gateway,
                    artist,
                    caller=HARVEST,
                    on_unit=lambda: self._spend_on_noting("handles"),
                )
            except SourceRejected as error:
                self._note_refusal(error)
                channel_id = ""
            with unit_of_work():
                record_guessed([artist])
            if channel_id:
                self._read_channel(channel_id)
        self._read_noted()

    def release_unfinished(self) -> None:
        """Release the chores that this run claimed and did not finish."""
        with unit_of_work():
            for kind, name in self._claimed:
                Chore.objects.release(kind, name)

    def _read_channel(self, channel_id: str, n_pages: int = CHANNEL_PAGES) -> None:
        """Record the uploads of a channel, and read the songs when 50 have come together."""
        if self._claim(Chore.Kind.CHANNEL, channel_id, CHANNEL_EVERY):
            self._note_uploads(channel_id, n_pages)
            self._noted.append((Chore.Kind.CHANNEL, channel_id))
            if len(self._unread_ids) >= PAGE_SIZE:
                self._read_noted()

    def _note_uploads(self, channel_id: str, n_pages: int) -> None:
        playlist_id = to_uploads_playlist(channel_id)
        if playlist_id is None:
            return
        if (told := list_new_in_feed(channel_id)) is not None:
            self._unread_ids |= dict.fromkeys(told)
            return
        token = ""
        for _ in range(n_pages):
            self._spend_on_noting(f"channel {channel_id}")
            try:
                page = self._gateway.fetch_playlist_page(
                    playlist_id, caller=HARVEST, page_token=token
                )
            except (SourceNotFound, SourceRejected) as error:
                self._note_refusal(error)
                return
            self._unread_ids |= dict.fromkeys(find_unstored(r.video_id for r in page.records))
            token = page.next_page_token
            if not token:
                return

    def _read_noted(self) -> None:
        ids = list(self._unread_ids)
        for start in range(0, len(ids), PAGE_SIZE):
            self._budget.spend(1, "songs")
            batch = self._gateway.fetch_videos(ids[start : start + PAGE_SIZE], caller=HARVEST)
            self._store(batch.found)
        self._unread_ids.clear()
        self._finish(self._noted)
        self.report.n_channels += sum(k == Chore.Kind.CHANNEL for k, _ in self._noted)
        self._noted = []

    def _store(self, records: Iterable[VideoRecord]) -> None:
        songs = [name_song(record) for record in records if is_song(record)]
        unknown = find_unstored(song.video_id for song in songs)
        with unit_of_work():
            VideoFeature.objects.store(songs)
        self.report.n_new_songs += len(unknown)

    def _claim(self, kind: str, name: str, every: timedelta) -> bool:
        now = timezone.now()
        with unit_of_work():
            is_ours = Chore.objects.claim(kind, name, now=now, done_before=now - every)
        if is_ours:
            self._claimed.append((kind, name))
        return is_ours

    def _finish(self, chores: list[tuple[str, str]]) -> None:
        with unit_of_work():
            for kind, name in chores:
                Chore.objects.finish(kind, name, now=timezone.now())
        self._claimed = [chore for chore in self._claimed if chore not in chores]

    def _note_refusal(self, error: SourceError) -> None:
        """Skip one chart or channel that YouTube refuses; raise when refusals follow each other."""
        if isinstance(error, SourceRejected):
            logger.warning("left out: %s", error)
            self._n_rejected += 1
            if self._n_rejected > MAX_REJECTED:
                raise error

    def _spend_on_noting(self, what: str) -> None:
        """Spend a unit on ids, unless too few were then left to read the songs themselves.

        Without this, a run with a small budget would spend it all on ids and never store a song.
        """
        n_pages = -(-(len(self._unread_ids) + PAGE_SIZE) // PAGE_SIZE)
        if not self._budget.has_units(1 + n_pages):
            self._read_noted()
            raise BudgetSpent
        self._budget.spend(1, what)
