"""What was suggested to whom, so that success can be measured honestly."""

import logging

from cachetools import LRUCache

from accounts.models import User
from music.models import Impression
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
    rows = [
        Impression(
            request_id=request_id,
            user=listener,
            song_id=suggestion.song_pk,
            position=position,
            stage=suggestion.stage,
        )
        for position, suggestion in enumerate(suggestions, start=1)
    ]
    try:
        with unit_of_work():
            Impression.objects.bulk_create(rows, ignore_conflicts=True)
    except Unavailable:
        # Read from a database that may not be written now: the suggestions matter more.
        logger.warning("a suggestion list could not be recorded: no database takes writes")
    else:
        _recorded[request_id] = True
