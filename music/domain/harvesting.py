"""Growing the stock of songs with cheap quota units, while nobody waits.

First the music charts of all regions, then the uploads of channels: those of liked songs, then
those of the best-known stored ones. When all that is read, searches that nobody else used today
find channels that no chart shows: of lyrics, of labels, and the topic channels of the artists who
matter most. The channels of all artists met there are found by their handles. Every chart and
channel is a chore that is claimed, so that two runs at once share the work, and a run that was
stopped goes on where it was.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from music.catalogue.handles import guess_channel, record_guessed
from music.catalogue.naming import name_song
from music.errors import QuotaExhausted, SourceNotFound, SourceUnavailable
from music.models import Chore, VideoFeature
from music.normalization import normalize_key
from music.records import SongRecord
from music.youtube.addresses import to_uploads_playlist
from music.youtube.answers import Channel
from music.youtube.gateway import PAGE_SIZE, YouTubeGateway
from music.youtube.quota import HARVEST
from tunetrace_site.replication.unit import unit_of_work

from .harvest_targets import TOPIC, list_artists_without_topic, list_channels, list_strangers

# The regions of i18nRegions.list; a few have no music chart, which costs a unit to learn.
REGIONS = (
    "US GB DE FR BR MX IN JP KR ID ES IT CA AU AR CO PL TR NL SE NO DK FI PT GR CZ HU RO BG UA "
    "ZA NG KE EG MA SA AE IL TH VN PH MY SG TW HK CL PE EC VE UY BE AT CH IE NZ PK BD LK IS HR "
    "AZ BA BH BO BY CR CY DO DZ EE GE GH GT HN IQ JM JO KH KW KZ LA LB LI LT LU LV LY ME MK MT "
    "NI NP OM PA PG PR PY QA RS SI SK SN SV TN TZ UG YE ZW"
).split()
CHART_PAGES = 4
"""A chart has at most 200 videos."""
CHANNEL_PAGES = 4
DISCOVERIES = (
    "lyrics", "official audio", "official music video", "greatest hits", "pop", "rock", "hip hop",
    "electronic", "r&b", "country", "latin", "k-pop", "indie", "metal", "jazz", "reggae", "soul",
    "classical", "bollywood", "folk",
)  # fmt: skip
"""What is searched for to find channels that upload many artists."""
CHART_EVERY = timedelta(hours=20)
CHANNEL_EVERY = timedelta(days=7)
TOPIC_EVERY = timedelta(days=30)
_NAME_LENGTH = 64
SONG_SECONDS = range(60, 15 * 60 + 1)

Progress = Callable[[str, int], None]
"""Called with what is being done and how many units were spent since the last call."""


@dataclass(slots=True)
class HarvestReport:
    """What a run did; ``stopped_by`` says why it ended before everything was done, if it did."""

    n_charts: int = 0
    n_channels: int = 0
    n_new_songs: int = 0
    n_units: int = 0
    n_searches: int = 0
    stopped_by: str = ""


class _BudgetSpent(Exception):
    """The units that this run may spend are spent."""


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
    left to background work is used up or YouTube does not answer. Raises ``KeyRejected``.
    """
    run = _Harvest(gateway, max_units, on_progress)
    try:
        run.read_charts(regions)
        run.read_channels(list_channels())
        run.discover(max_searches)
        run.find_topics(max_searches)
        run.read_channels(list_channels())
        run.read_strangers()
    except _BudgetSpent:
        run.report.stopped_by = "budget"
    except (QuotaExhausted, SourceUnavailable) as error:
        run.report.stopped_by = error.message
    finally:
        run.release_unfinished()
    return run.report


class _Harvest:
    def __init__(self, gateway: YouTubeGateway, max_units: int, on_progress: Progress) -> None:
        self.report = HarvestReport()
        self._gateway = gateway
        self._max_units = max_units
        self._on_progress = on_progress
        self._claimed: list[tuple[str, str]] = []
        self._noted: list[tuple[str, str]] = []
        self._unread_ids: dict[str, None] = {}

    def read_charts(self, regions: Iterable[str]) -> None:
        """Store the charts that were not read today."""
        for region in regions:
            if self._claim(Chore.Kind.CHART, region, CHART_EVERY):
                self._spend(CHART_PAGES, f"chart {region}")
                try:
                    records = self._gateway.fetch_popular(
                        region=region, caller=HARVEST, max_pages=CHART_PAGES
                    )
                except SourceNotFound:
                    records = []
                self._store(records)
                self._finish([(Chore.Kind.CHART, region)])
                self.report.n_charts += 1

    def read_channels(self, channel_ids: Iterable[str]) -> None:
        """Store what channels uploaded that is not stored yet, 50 songs a unit."""
        for channel_id in channel_ids:
            self._read_channel(channel_id)
        self._read_noted()

    def discover(self, max_searches: int) -> None:
        """Store what a few searches find, each made once a week; ends quietly without quota."""
        for query in DISCOVERIES[:max_searches]:
            if not self._claim(Chore.Kind.SEARCH, query, CHANNEL_EVERY):
                continue
            try:
                found = self._gateway.search(query, caller=HARVEST)
            except QuotaExhausted:
                return
            self._unread_ids |= dict.fromkeys(_find_unknown(r.video_id for r in found))
            self._noted.append((Chore.Kind.SEARCH, query))
            self.report.n_searches += 1
        self._read_noted()

    def find_topics(self, max_searches: int) -> None:
        """Find topic channels with the searches that are left, and read them.

        One search an artist, once a month; ends quietly without quota.
        """
        n_left = max_searches - self.report.n_searches
        for artist in list_artists_without_topic(n_left):
            chore = f"{artist}{TOPIC}"[:_NAME_LENGTH]
            if not self._claim(Chore.Kind.SEARCH, chore, TOPIC_EVERY):
                continue
            try:
                channel = self._find_topic(artist)
            except QuotaExhausted:
                break
            self._noted.append((Chore.Kind.SEARCH, chore))
            self.report.n_searches += 1
            if channel is not None:
                self._read_channel(channel.channel_id)
        self._read_noted()

    def _find_topic(self, artist: str) -> Channel | None:
        wanted = normalize_key(f"{artist}{TOPIC}")
        found = self._gateway.search_channels(f"{artist}{TOPIC}", caller=HARVEST)
        return next((c for c in found if normalize_key(c.title) == wanted), None)

    def read_strangers(self) -> None:
        """Read the channels of artists whose own is not known, where their handle is guessed."""
        for artist in list_strangers():
            channel_id = guess_channel(
                self._gateway,
                artist,
                caller=HARVEST,
                on_unit=lambda: self._spend_on_noting("handles"),
            )
            with unit_of_work():
                record_guessed([artist])
            if channel_id:
                self._read_channel(channel_id)
        self._read_noted()

    def release_unfinished(self) -> None:
        """Let others take up what this run claimed and did not finish."""
        with unit_of_work():
            for kind, name in self._claimed:
                Chore.objects.release(kind, name)

    def _read_channel(self, channel_id: str) -> None:
        """Note what a channel uploaded, and read the songs when 50 have come together."""
        if self._claim(Chore.Kind.CHANNEL, channel_id, CHANNEL_EVERY):
            self._note_uploads(channel_id)
            self._noted.append((Chore.Kind.CHANNEL, channel_id))
            if len(self._unread_ids) >= PAGE_SIZE:
                self._read_noted()

    def _note_uploads(self, channel_id: str) -> None:
        playlist_id = to_uploads_playlist(channel_id)
        if playlist_id is None:
            return
        token = ""
        for _ in range(CHANNEL_PAGES):
            self._spend_on_noting(f"channel {channel_id}")
            try:
                page = self._gateway.fetch_playlist_page(
                    playlist_id, caller=HARVEST, page_token=token
                )
            except SourceNotFound:
                return
            self._unread_ids |= dict.fromkeys(_find_unknown(r.video_id for r in page.records))
            token = page.next_page_token
            if not token:
                return

    def _read_noted(self) -> None:
        ids = list(self._unread_ids)
        for start in range(0, len(ids), PAGE_SIZE):
            self._spend(1, "songs")
            batch = self._gateway.fetch_videos(ids[start : start + PAGE_SIZE], caller=HARVEST)
            self._store(batch.found)
        self._unread_ids.clear()
        self._finish(self._noted)
        self.report.n_channels += sum(k == Chore.Kind.CHANNEL for k, _ in self._noted)
        self._noted = []

    def _store(self, records: Iterable[SongRecord]) -> None:
        songs = [name_song(record) for record in records if is_song(record)]
        unknown = _find_unknown(song.video_id for song in songs)
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

    def _spend_on_noting(self, what: str) -> None:
        """Spend a unit on ids, unless then too few were left to read the songs themselves.

        Without this, a run with a small budget would spend it all on ids and never store a song.
        """
        n_pages = -(-(len(self._unread_ids) + PAGE_SIZE) // PAGE_SIZE)
        if self.report.n_units + 1 + n_pages > self._max_units:
            self._read_noted()
            raise _BudgetSpent
        self._spend(1, what)

    def _spend(self, n_units: int, what: str) -> None:
        if self.report.n_units + n_units > self._max_units:
            raise _BudgetSpent
        self.report.n_units += n_units
        self._on_progress(what, n_units)


def is_song(record: SongRecord) -> bool:
    """Whether a video may be a song: as long as songs are, there to play, and no live stream."""
    return (
        record.available and not record.is_live and (record.duration_seconds or 0) in SONG_SECONDS
    )


def _find_unknown(video_ids: Iterable[str]) -> list[str]:
    """Those that are not stored, in their order."""
    wanted = list(video_ids)
    known = set(VideoFeature.objects.filter(video_id__in=wanted).values_list("video_id", flat=True))
    return [video_id for video_id in wanted if video_id not in known]
