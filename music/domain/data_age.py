"""The age of data from YouTube, whose terms let a site keep it for 30 days."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils import timezone

from music.models import VideoFeature

from .refreshing import KEEP_FOR, list_due_videos


@dataclass(frozen=True, slots=True)
class Age:
    """The age of the stored data and the limit.

    That is: when the oldest was received (None: nothing was), how long is allowed, how much is due
    to be asked for again, and how much is older than allowed.
    """

    oldest_at: datetime | None
    keep_days: int
    n_due: int
    n_expired: int


def describe_age() -> Age:
    """Return the age of all data from YouTube; three queries."""
    told = VideoFeature.objects.told_by_youtube()
    return Age(
        oldest_at=told.aggregate(oldest=Min("updated_at"))["oldest"],
        keep_days=KEEP_FOR.days,
        n_due=list_due_videos().count(),
        n_expired=told.filter(updated_at__lt=timezone.now() - KEEP_FOR).count(),
    )
