"""How old what YouTube told is: its terms let a site keep it for 30 days."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils import timezone

from music.models import VideoFeature

from .refreshing import KEEP_FOR, list_due


@dataclass(frozen=True, slots=True)
class Age:
    """When the oldest was told (None: nothing was), how long is allowed, how much is to be asked
    for again, and how much is older than it may be.
    """

    oldest_at: datetime | None
    keep_days: int
    n_due: int
    n_expired: int


def describe_age() -> Age:
    """The age of all that YouTube told; three queries."""
    told = VideoFeature.objects.told_by_youtube()
    return Age(
        oldest_at=told.aggregate(oldest=Min("updated_at"))["oldest"],
        keep_days=KEEP_FOR.days,
        n_due=list_due().count(),
        n_expired=told.filter(updated_at__lt=timezone.now() - KEEP_FOR).count(),
    )
