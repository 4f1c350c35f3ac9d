"""What is worth harvesting: regions, channels, artists known only in part, and kinds of videos."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, Max, QuerySet

from music.models import Song, VideoFeature
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
DISCOVERY_SHARE = 0.1
"""The part of a run's searches that are not about an artist; one at least."""
_BATCH = 500


def list_channels() -> list[tuple[str, str]]:
    """Return channels of stored takes (id, title): most liked songs first, then the best known."""
    channels = (
        VideoFeature.objects.exclude(channel_id="")
        .values("channel_id")
        .annotate(
            n_likes=Count("song__likes", distinct=True),
            most_views=Max("view_count"),
            title=Max("channel_title"),
        )
        .order_by("-n_likes", "-most_views", "channel_id")
    )
    return [(row["channel_id"], row["title"]) for row in channels]


def list_strangers() -> list[str]:
    """Return normalised names of artists without a known channel: most liked first.

    After them come the best known. Artists of the bundled catalogue are included: some of their
    songs can be played here only once YouTube's videos are stored.
    """
    ordered = [normalize_key(row["name"]) for row in list_artists(Song.objects.all())]
    strangers = find_in_batches(find_strangers, ordered)
    return [artist for artist in ordered if artist in strangers]


def find_in_batches(
    find: Callable[[Collection[str]], set[str]], artists: Sequence[str]
) -> set[str]:
    """Return what ``find`` returns, which is asked about some hundred ``artists`` at a time."""
    starts = range(0, len(artists), _BATCH)
    return set().union(*(find(artists[start : start + _BATCH]) for start in starts))


def list_artists(songs: QuerySet[Song]) -> Iterable[Mapping[str, Any]]:
    """Return ``artist_key`` and ``name`` of each artist: most liked, then the best known."""
    return (
        songs.values("artist_key")
        .annotate(n_likes=Count("likes"), best_known=Max("popularity"), name=Max("artist"))
        .order_by("-n_likes", "-best_known", "artist_key")
    )


def is_song(record: VideoRecord) -> bool:
    """Return whether a video may be a song: of a song's length, available, and no live stream."""
    return (
        record.available and not record.is_live and (record.duration_seconds or 0) in SONG_SECONDS
    )
