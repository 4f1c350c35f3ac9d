"""The days of YouTube's quota, which begin and end at midnight Pacific time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

_PACIFIC = ZoneInfo("America/Los_Angeles")


def get_pacific_day(now: datetime | None = None) -> date:
    """Return the day on whose quota a call made ``now`` counts."""
    return (now or timezone.now()).astimezone(_PACIFIC).date()


def get_reset_time(day: date) -> datetime:
    """Return when the quota of Pacific ``day`` ends, in UTC (23, 24 or 25 hours after it began)."""
    return datetime.combine(day + timedelta(days=1), time(), _PACIFIC).astimezone(UTC)


def get_day_left(day: date) -> float:
    """Return the part of Pacific ``day``, 0 to 1, that is still to come."""
    ends_at = get_reset_time(day)
    length = ends_at - get_reset_time(day - timedelta(days=1))
    return min(max((ends_at - timezone.now()) / length, 0.0), 1.0)
