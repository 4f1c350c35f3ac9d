"""What was suggested to whom, so that success can be measured honestly."""

import logging

from cachetools import LRUCache

from accounts.models import User
from music.models import Impression, VideoFeature
from music.records import Suggestion
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.unit import unit_of_work

logger = logging.getLogger(__name__)

_recorded: LRUCache[str, bool] = LRUCache(maxsize=4096)


def record_impressions(
    *, listener: User, list_key: str, suggestions: tuple[Suggestion, ...]
) -> None:
    """Record a suggestion list once per listener, however often it is shown again."""
    request_id = f"{listener.pk:016x}{list_key[:16]}"
    if request_id in _recorded:
        return
    videos = VideoFeature.objects.in_bulk(
        [suggestion.video_id for suggestion in suggestions], field_name="video_id"
    )
    rows = [
        Impression(
            request_id=request_id,
            user=listener,
            video=videos[suggestion.video_id],
            position=position,
            stage=suggestion.stage,
        )
        for position, suggestion in enumerate(suggestions, start=1)
        if suggestion.video_id in videos
    ]
    try:
        with unit_of_work():
            Impression.objects.bulk_create(rows, ignore_conflicts=True)
    except Unavailable:
        # Read from a database that may not be written now: the suggestions matter more.
        logger.warning("a suggestion list could not be recorded: no database takes writes")
    else:
        _recorded[request_id] = True
