"""Finds a channel's new uploads in its feed, which costs no quota."""

from collections.abc import Iterable

from django.conf import settings

from music.errors import SourceError
from music.models import Chore, VideoFeature
from music.youtube.feeds import fetch_feed


def list_new_in_feed(channel_id: str) -> list[str] | None:
    """Return the ids of a channel's uploads that are not stored, for no unit, or None.

    None where the feed may not hold all of them: for a channel that was never read, or whose 15
    latest uploads are all new.
    """
    chore = Chore.objects.filter(kind=Chore.Kind.CHANNEL, name=channel_id)
    if not settings.YOUTUBE_OEMBED or not chore.exclude(done_at=None).exists():
        return None
    try:
        ids = [record.video_id for record in fetch_feed(channel_id)]
    except SourceError:
        return None
    unknown = find_unstored(ids)
    return None if len(unknown) == len(ids) else unknown


def find_unstored(video_ids: Iterable[str]) -> list[str]:
    """Return those of ``video_ids`` that no stored video has, in their order."""
    wanted = list(video_ids)
    known = set(VideoFeature.objects.filter(video_id__in=wanted).values_list("video_id", flat=True))
    return [video_id for video_id in wanted if video_id not in known]
