"""Sums up suggestions that are too old to be kept one by one.

A listener has one row of sums, which says up to which suggestion it counts. That is written in the
unit of work that deletes those rows, and before them: whichever database has seen a deletion has
seen the sum, and rows that come back, from a database that was away, are deleted uncounted.
"""

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from music.models import Impression, SuggestionSum
from tunetrace_site.replication.unit import run_pinned, run_unit

ROWS_A_UNIT = 500


def sum_up_old_suggestions() -> int:
    """Sum up and delete suggestions older than ``IMPRESSION_DAYS``; return how many lists.

    Each unit of work takes up to ``ROWS_A_UNIT`` of one listener's, the oldest first. It may be
    repeated, and run by several processes at once.
    """
    before = timezone.now() - timedelta(days=settings.IMPRESSION_DAYS)
    n_gone = 0
    while (owner := run_pinned(partial(_find_owner, before), write=False)) is not None:
        n_of_unit = run_unit(partial(_sum_up, owner, before))
        if not n_of_unit:
            break  # another process is at it
        n_gone += n_of_unit
    return n_gone


def _find_owner(before: datetime) -> int | None:
    """Return the key of the listener whom the oldest suggestion was made to."""
    old = Impression.objects.filter(created_at__lt=before).order_by("created_at")
    return old.values_list("user_id", flat=True).first()


def _sum_up(owner: int, before: datetime) -> int:
    """Count and delete the oldest suggestions made to a listener; return how many lists."""
    # Locked first: what another process counts meanwhile would be overwritten.
    total, _ = SuggestionSum.objects.select_for_update().get_or_create(user_id=owner)
    old = Impression.objects.filter(user=owner, created_at__lt=before).order_by("created_at")
    moments = list(old.values_list("created_at", flat=True)[:ROWS_A_UNIT])
    if not moments:
        return 0
    gone = old.filter(created_at__lte=moments[-1])
    _count(total, gone)
    total.counted_until = max(moments[-1], total.counted_until or moments[-1])
    total.save(update_fields=["by_stage", "counted_until"])
    n_gone, _ = gone.delete()
    return n_gone


def _count(total: SuggestionSum, gone: QuerySet[Impression]) -> None:
    """Add the songs of lists that are newer than what ``total`` counts."""
    for row in gone:
        if total.counted_until is None or row.created_at > total.counted_until:
            for song in row.list_songs():
                numbers = total.by_stage.setdefault(song.stage, [0, 0, 0])
                for place, is_so in enumerate((True, song.liked_at, song.dismissed_at)):
                    numbers[place] += bool(is_so)
