"""What is worth harvesting: channels and artists that are known only in part, the best first."""

from django.db.models import Count, Max

from music.catalogue.handles import find_strangers
from music.models import VideoFeature

TOPIC = " - Topic"
"""How YouTube ends the name of the channel that it fills with an artist's releases by itself."""
_BATCH = 500


def list_channels() -> list[str]:
    """Ids of the channels of stored songs: the most liked first, then the best known."""
    channels = (
        VideoFeature.objects.from_source("youtube")
        .exclude(channel_id="")
        .values("channel_id")
        .annotate(n_likes=Count("likes"), most_views=Max("view_count"))
        .order_by("-n_likes", "-most_views", "channel_id")
    )
    return [row["channel_id"] for row in channels]


def list_strangers() -> list[str]:
    """Keys of stored artists whose own channel is not known, the best known first."""
    artists = (
        VideoFeature.objects.from_source("youtube")
        .exclude(artist_key="")
        .values("artist_key")
        .annotate(most_views=Max("view_count"))
        .order_by("-most_views", "artist_key")
    )
    ordered = [row["artist_key"] for row in artists]
    strangers: set[str] = set()
    for start in range(0, len(ordered), _BATCH):
        strangers |= find_strangers(ordered[start : start + _BATCH])
    return [artist for artist in ordered if artist in strangers]


def list_artists_without_topic(n: int) -> list[str]:
    """Names of ``n`` artists whose topic channel is not known: the most liked, then the best known.

    Half of what an artist released may be nowhere else, and such a channel has no handle.
    """
    songs = VideoFeature.objects.from_source("youtube").exclude(artist_key="")
    known = songs.filter(channel_title__endswith=TOPIC).values("artist_key")
    artists = (
        songs.exclude(artist_key__in=known)
        .values("artist_key")
        .annotate(n_likes=Count("likes"), most_views=Max("view_count"), name=Max("artist"))
        .order_by("-n_likes", "-most_views", "artist_key")
    )
    return [row["name"] for row in artists[:n]]
