"""What is worth harvesting: regions, channels, artists known only in part, and kinds of videos."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, QuerySet

from music.models import Song, VideoFeature
from music.names.channels import TOPIC
from music.names.keys import make_artist_key
from music.names.normalization import normalize_key
from music.records import SONG_SECONDS, VideoRecord

from .handles import find_strangers

# The regions of i18nRegions.list; a few have no music chart, which costs one unit to find out.
REGIONS = (
    "US GB DE FR BR MX IN JP KR ID ES IT CA AU AR CO PL TR NL SE NO DK FI PT GR CZ HU RO BG UA "
    "ZA NG KE EG MA SA AE IL TH VN PH MY SG TW HK CL PE EC VE UY BE AT CH IE NZ PK BD LK IS HR "
    "AZ BA BH BO BY CR CY DO DZ EE GE GH GT HN IQ JM JO KH KW KZ LA LB LI LT LU LV LY ME MK MT "
    "NI NP OM PA PG PR PY QA RS SI SK SN SV TN TZ UG YE ZW"
).split()
DISCOVERIES = (
    "lyrics", "official audio", "official music video", "greatest hits", "pop", "rock", "hip hop",
    "electronic", "r&b", "country", "latin", "k-pop", "indie", "metal", "jazz", "reggae", "soul",
    "classical", "bollywood", "folk",
)  # fmt: skip
"""Search terms that find channels with songs of many artists."""
_BATCH = 500


def list_channels() -> list[str]:
    """Return ids of the channels of stored takes: most liked songs first, then the best known."""
    channels = (
        VideoFeature.objects.exclude(channel_id="")
        .values("channel_id")
        .annotate(n_likes=Count("song__likes", distinct=True), most_views=Max("view_count"))
        .order_by("-n_likes", "-most_views", "channel_id")
    )
    return [row["channel_id"] for row in channels]


def list_strangers() -> list[str]:
    """Return normalised names of artists without a known channel: most liked first.

    After them come the best known. Artists of the bundled catalogue are included: some of their
    songs can be played here only once YouTube's videos are stored.
    """
    ordered = [normalize_key(row["name"]) for row in _list_artists(Song.objects.all())]
    strangers: set[str] = set()
    for start in range(0, len(ordered), _BATCH):
        strangers |= find_strangers(ordered[start : start + _BATCH])
    return [artist for artist in ordered if artist in strangers]


def list_artists_without_topic() -> list[str]:
    """Return artists without a known topic channel: most liked first, then the best known.

    Half of an artist's releases may be only there, and such a channel has no handle.
    """
    takes = VideoFeature.objects.exclude(channel_id="").exclude(song=None)
    known = takes.filter(channel_title__endswith=TOPIC).values("song__artist_key")
    songs = Song.objects.filter(Exists(takes.filter(song=OuterRef("pk"))))
    return [row["name"] for row in _list_artists(songs.exclude(artist_key__in=known))]


def _list_artists(songs: QuerySet[Song]) -> Iterable[Mapping[str, Any]]:
    """Return ``artist_key`` and ``name`` of each artist: most liked, then the best known."""
    return (
        songs.values("artist_key")
        .annotate(n_likes=Count("likes"), best_known=Max("popularity"), name=Max("artist"))
        .order_by("-n_likes", "-best_known", "artist_key")
    )


def has_topic(artist: str) -> bool:
    """Return whether a song of the artist's topic channel is stored."""
    topics = VideoFeature.objects.filter(channel_title__endswith=TOPIC)
    return topics.filter(song__artist_key=make_artist_key(artist)).exists()


def is_song(record: VideoRecord) -> bool:
    """Return whether a video may be a song: of a song's length, available, and no live stream."""
    return (
        record.available and not record.is_live and (record.duration_seconds or 0) in SONG_SECONDS
    )
