"""Refreshes data about linked videos before it is 30 days old, on a site without a YouTube key.

These are the only videos described by the oEmbed address; a few are asked for at a time.
"""

from datetime import datetime

from django.utils import timezone

from music.collecting.pasted_links import MAX_LINKS, fetch_linked
from music.models import VideoFeature
from music.youtube import oembed
from tunetrace_site.replication.unit import unit_of_work


def refresh_linked(due_before: datetime) -> tuple[int, int]:
    """Ask again about linked videos not refreshed since ``due_before``, oldest first.

    One run lasts a minute at most. Returns how many were refreshed, and how many do not play any
    more.
    """
    n_refreshed = n_gone = 0
    if not oembed.is_on():
        return 0, 0
    for _ in range(oembed.MAX_PER_MINUTE // MAX_LINKS):
        due = VideoFeature.objects.from_source(oembed.OEMBED).filter(updated_at__lt=due_before)
        ids = list(due.order_by("updated_at").values_list("video_id", flat=True)[:MAX_LINKS])
        found, gone = fetch_linked(ids) if ids else ([], set())
        if not found and not gone:
            break
        with unit_of_work():
            VideoFeature.objects.store(found)
            VideoFeature.objects.filter(video_id__in=gone).update(
                available=False, updated_at=timezone.now()
            )
        n_refreshed += len(found)
        n_gone += len(gone)
    return n_refreshed, n_gone
