"""The quota ledger: every call is counted before it is made, whichever process makes it.

Google gives a project two buckets a day that reset at midnight Pacific time: ``search`` (calls of
``search.list``) and ``units`` (every other call costs one). Source: the page "Quota usage" of the
YouTube Data API. A day's total of a bucket stands in the row with an empty caller; one conditional
UPDATE on that row both checks and counts, so that no two callers can be given the same last call.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from music.errors import QuotaExhausted
from music.models import QuotaUsage
from tunetrace_site.replication.unit import unit_of_work

SEARCH = QuotaUsage.Bucket.SEARCH.value
UNITS = QuotaUsage.Bucket.UNITS.value
BUCKETS = (SEARCH, UNITS)

LISTENER, IMPORT, HARVEST, REFRESH, PENDING = "listener", "import", "harvest", "refresh", "pending"
BACKGROUND_CALLERS = frozenset({HARVEST, REFRESH, PENDING})
"""Callers that nobody waits for: they must leave the listeners' reserve alone."""

_PACIFIC = ZoneInfo("America/Los_Angeles")
_TOTAL = ""
_CLOCK_SLACK = timedelta(minutes=15)
"""A refusal this soon after midnight may be about yesterday: it is not believed all day long."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Quota set aside for one call, on the day it will be counted on."""

    day: date
    bucket: str
    cost_units: int
    caller: str


@dataclass(frozen=True, slots=True)
class BucketState:
    """One bucket today. ``left`` is 0 as soon as YouTube said so, whatever was counted here."""

    bucket: str
    limit: int
    used: int
    left: int
    resets_at: datetime
    exhausted_at: datetime | None
    by_caller: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DayUse:
    """What one bucket gave on one Pacific day, in all and by caller."""

    day: date
    bucket: str
    used: int
    by_caller: dict[str, int] = field(default_factory=dict)


def get_pacific_day(now: datetime | None = None) -> date:
    """The day on whose quota a call made ``now`` counts."""
    return (now or timezone.now()).astimezone(_PACIFIC).date()


def get_reset_time(day: date) -> datetime:
    """When the quota of Pacific ``day`` ends, in UTC (23, 24 or 25 hours after it began)."""
    return datetime.combine(day + timedelta(days=1), time(), _PACIFIC).astimezone(UTC)


def get_limit(bucket: str) -> int:
    """How much Google gives of ``bucket`` each day."""
    return settings.YOUTUBE_DAILY_SEARCHES if bucket == SEARCH else settings.YOUTUBE_DAILY_UNITS


def get_reserve(bucket: str) -> int:
    """What background callers must leave of ``bucket`` for the listeners."""
    return ceil(get_limit(bucket) * settings.YOUTUBE_LISTENER_RESERVE)


def reserve(bucket: str, cost_units: int, caller: str) -> Reservation:
    """Count ``cost_units`` of today's ``bucket`` for ``caller``, or raise QuotaExhausted.

    Must be called outside a unit of work that goes on to use the network: the count has to be
    visible to everyone before the call leaves.
    """
    now = timezone.now()
    reservation = Reservation(get_pacific_day(now), bucket, cost_units, caller)
    with unit_of_work():
        if not _count(reservation, now):
            raise _exhausted(reservation)
    return reservation


def reserve_up_to(bucket: str, most_units: int, caller: str) -> Reservation:
    """Count ``most_units`` of today's ``bucket``, or as many as are left, for several calls.

    Raises QuotaExhausted when none is left. What is not used must be given back (``release``).
    """
    now = timezone.now()
    wanted = Reservation(get_pacific_day(now), bucket, most_units, caller)
    with unit_of_work():
        while wanted.cost_units > 0:
            if _count(wanted, now):
                return wanted
            # Another may take some between this look and the next try: always fewer, so it ends.
            fewer = min(wanted.cost_units - 1, _count_left(wanted, now))
            wanted = replace(wanted, cost_units=fewer)
        raise _exhausted(wanted)


def release(reservation: Reservation) -> None:
    """Give back what was reserved for a call that never left this machine."""
    with unit_of_work():
        _rows(reservation.day, reservation.bucket).filter(
            caller__in=(_TOTAL, reservation.caller), used__gte=reservation.cost_units
        ).update(used=F("used") - reservation.cost_units)


def believe_exhausted(bucket: str, day: date | None = None) -> datetime:
    """Note that YouTube itself refused for lack of quota; returns when the quota comes back (UTC).

    ``day`` is the Pacific day of the refused call's reservation (default: today): the answer to a
    call made just before midnight must not close the new day.
    """
    day = day or get_pacific_day()
    with unit_of_work():
        _create_rows(day, bucket, (_TOTAL,))
        _rows(day, bucket).filter(caller=_TOTAL).update(exhausted_at=timezone.now())
    return get_reset_time(day)


def get_state() -> list[BucketState]:
    """Both buckets today: used, left, by caller, and when they reset."""
    now = timezone.now()
    today = get_pacific_day(now)
    rows = list(QuotaUsage.objects.filter(day=today, bucket__in=BUCKETS))
    return [
        _to_state([row for row in rows if row.bucket == bucket], bucket, now) for bucket in BUCKETS
    ]


def get_history(days: int = 30) -> list[DayUse]:
    """The last ``days`` Pacific days, oldest first, today last; days without a call included."""
    today = get_pacific_day()
    first = today - timedelta(days=days - 1)
    used: dict[tuple[date, str], dict[str, int]] = {}
    for row in QuotaUsage.objects.filter(day__gte=first, day__lte=today, bucket__in=BUCKETS):
        used.setdefault((row.day, row.bucket), {})[row.caller] = row.used
    return [
        _to_day_use(first + timedelta(days=n), bucket, used)
        for n in range(days)
        for bucket in BUCKETS
    ]


def _rows(day: date, bucket: str) -> QuerySet[QuotaUsage]:
    return QuotaUsage.objects.filter(day=day, bucket=bucket)


def _count(reservation: Reservation, now: datetime) -> bool:
    """Count a reservation in all and for its caller; False when so much is not left."""
    ceiling = _get_ceiling(reservation)
    if not (_take(reservation, ceiling, now) or _take_first(reservation, ceiling, now)):
        return False
    _add_to_caller(reservation)
    return True


def _get_ceiling(reservation: Reservation) -> int:
    """How far the day's total may grow for this caller."""
    limit = get_limit(reservation.bucket)
    is_for_background = reservation.caller in BACKGROUND_CALLERS
    return limit - (get_reserve(reservation.bucket) if is_for_background else 0)


def _count_left(reservation: Reservation, now: datetime) -> int:
    """How many units this caller may still take; 0 when YouTube said that all are used up."""
    total = _rows(reservation.day, reservation.bucket).filter(caller=_TOTAL)
    used = total.filter(_is_believed_open(reservation.day, now)).values_list("used", flat=True)
    return max((_get_ceiling(reservation) - n for n in used), default=0)


def _take(reservation: Reservation, ceiling: int, now: datetime) -> bool:
    """Check and count in one statement; False when nothing is left, or on a day's first call."""
    return bool(
        _rows(reservation.day, reservation.bucket)
        .filter(_is_believed_open(reservation.day, now), caller=_TOTAL)
        .filter(used__lte=ceiling - reservation.cost_units)
        .update(used=F("used") + reservation.cost_units)
    )


def _take_first(reservation: Reservation, ceiling: int, now: datetime) -> bool:
    if not _create_rows(reservation.day, reservation.bucket, (_TOTAL,)):
        return False
    return _take(reservation, ceiling, now)


def _add_to_caller(reservation: Reservation) -> None:
    own_row = _rows(reservation.day, reservation.bucket).filter(caller=reservation.caller)
    if not own_row.update(used=F("used") + reservation.cost_units):
        _create_rows(reservation.day, reservation.bucket, (reservation.caller,))
        own_row.update(used=F("used") + reservation.cost_units)


def _create_rows(day: date, bucket: str, callers: Iterable[str]) -> bool:
    """Make the rows that are missing, whoever else is making them now; False when none was."""
    missing = [c for c in callers if not _rows(day, bucket).filter(caller=c).exists()]
    rows = [QuotaUsage(day=day, bucket=bucket, caller=caller) for caller in missing]
    QuotaUsage.objects.bulk_create(rows, ignore_conflicts=True)
    return bool(missing)


def _is_believed_open(day: date, now: datetime) -> Q:
    """YouTube has not said that the bucket is used up, or said so too soon after midnight."""
    began_at = get_reset_time(day - timedelta(days=1))
    if now < began_at + _CLOCK_SLACK:
        return Q(exhausted_at__isnull=True)
    return Q(exhausted_at__isnull=True) | Q(exhausted_at__lt=began_at + _CLOCK_SLACK)


def _exhausted(reservation: Reservation) -> QuotaExhausted:
    is_for_background = _get_ceiling(reservation) < get_limit(reservation.bucket)
    until = get_reset_time(reservation.day)
    what = "searches" if reservation.bucket == SEARCH else "quota units"
    whose = " beyond the listeners' reserve" if is_for_background else ""
    return QuotaExhausted(
        f"No YouTube {what} are left today{whose}.",
        bucket=reservation.bucket,
        until=until,
        hint=f"They come back at {until:%Y-%m-%d %H:%M} UTC.",
    )


def _to_state(rows: list[QuotaUsage], bucket: str, now: datetime) -> BucketState:
    today = get_pacific_day(now)
    by_caller = {row.caller: row.used for row in rows}
    used = by_caller.pop(_TOTAL, 0)
    exhausted_at = next((row.exhausted_at for row in rows if row.caller == _TOTAL), None)
    began_at = get_reset_time(today - timedelta(days=1))
    if exhausted_at and exhausted_at < began_at + _CLOCK_SLACK <= now:
        exhausted_at = None
    return BucketState(
        bucket=bucket,
        limit=get_limit(bucket),
        used=used,
        left=0 if exhausted_at else max(get_limit(bucket) - used, 0),
        resets_at=get_reset_time(today),
        exhausted_at=exhausted_at,
        by_caller=dict(sorted(by_caller.items())),
    )


def _to_day_use(day: date, bucket: str, used: dict[tuple[date, str], dict[str, int]]) -> DayUse:
    by_caller = dict(sorted(used.get((day, bucket), {}).items()))
    return DayUse(day=day, bucket=bucket, used=by_caller.pop(_TOTAL, 0), by_caller=by_caller)
