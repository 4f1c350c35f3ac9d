"""The quota ledger: every call is counted before it is made, whichever process makes it.

Google gives a project two buckets a day that reset at midnight Pacific time: ``search`` (calls of
``search.list``) and ``units`` (every other call costs one). Source: the page "Quota usage" of the
YouTube Data API. A day's total of a bucket stands in the row with an empty caller; one conditional
UPDATE on it checks and counts, so that no two callers get the same last call (see ``budgets.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import ceil

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from music.errors import QuotaExhausted
from music.models import QuotaUsage
from music.youtube.budgets import PAYER_MARK, TOTAL, count_left, get_payers, get_purpose, list_names
from music.youtube.pacific_days import get_day_left, get_pacific_day, get_reset_time
from tunetrace_site.replication.unit import unit_of_work

SEARCH = QuotaUsage.Bucket.SEARCH.value
UNITS = QuotaUsage.Bucket.UNITS.value
BUCKETS = (SEARCH, UNITS)

LISTENER, IMPORT, HARVEST, REFRESH, PENDING = "listener", "import", "harvest", "refresh", "pending"
BACKGROUND_CALLERS = frozenset({HARVEST, REFRESH, PENDING})
"""Callers in the background, which must leave the listeners' reserve."""

_CLOCK_SLACK = timedelta(minutes=15)
"""A refusal this soon after midnight may be about yesterday: it does not close the day."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Quota set aside for one call, on the day on which it will be counted."""

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
    """The use of one bucket on one Pacific day, in total and by caller."""

    day: date
    bucket: str
    used: int
    by_caller: dict[str, int] = field(default_factory=dict)


def get_limit(bucket: str) -> int:
    """Return how much Google gives of ``bucket`` each day."""
    return settings.YOUTUBE_DAILY_SEARCHES if bucket == SEARCH else settings.YOUTUBE_DAILY_UNITS


def get_reserve(bucket: str) -> int:
    """Return what background callers must leave of ``bucket`` for the listeners."""
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
        wanted = replace(wanted, cost_units=min(most_units, _count_left_of_payers(wanted)))
        while wanted.cost_units > 0:
            if _count(wanted, now):
                return wanted
            # Another caller may take some before the next try: always fewer, so it ends.
            fewer = min(wanted.cost_units - 1, _count_left(wanted, now))
            wanted = replace(wanted, cost_units=fewer)
        raise _exhausted(wanted)


def release(reservation: Reservation) -> None:
    """Give back the quota reserved for a call that never left this machine."""
    with unit_of_work():
        _give_back(reservation, [TOTAL, *list_names(reservation.caller)])


def believe_exhausted(bucket: str, day: date | None = None) -> datetime:
    """Record that YouTube itself refused for lack of quota; return when it comes back (UTC).

    ``day`` is the Pacific day of the refused call's reservation (default: today): the answer to a
    call made just before midnight must not close the new day.
    """
    day = day or get_pacific_day()
    with unit_of_work():
        _create_rows(day, bucket, (TOTAL,))
        _rows(day, bucket).filter(caller=TOTAL).update(exhausted_at=timezone.now())
    return get_reset_time(day)


def get_state() -> list[BucketState]:
    """Return the state of both buckets today: used, left, by caller, and when they reset."""
    now = timezone.now()
    today = get_pacific_day(now)
    rows = list(_purposes().filter(day=today, bucket__in=BUCKETS))
    return [
        _to_state([row for row in rows if row.bucket == bucket], bucket, now) for bucket in BUCKETS
    ]


def get_history(days: int = 30) -> list[DayUse]:
    """Return the last ``days`` Pacific days, oldest first, today last; days without a call too."""
    today = get_pacific_day()
    first = today - timedelta(days=days - 1)
    used: dict[tuple[date, str], dict[str, int]] = {}
    for row in _purposes().filter(day__gte=first, day__lte=today, bucket__in=BUCKETS):
        used.setdefault((row.day, row.bucket), {})[row.caller] = row.used
    return [
        _to_day_use(first + timedelta(days=n), bucket, used)
        for n in range(days)
        for bucket in BUCKETS
    ]


def _purposes() -> QuerySet[QuotaUsage]:
    return QuotaUsage.objects.exclude(caller__startswith=PAYER_MARK)


def _rows(day: date, bucket: str) -> QuerySet[QuotaUsage]:
    return QuotaUsage.objects.filter(day=day, bucket=bucket)


def find_spent_budget(bucket: str, caller: str) -> QuotaExhausted | None:
    """Return the refusal that ``caller`` would get for its own spending; None if there is none."""
    wanted = Reservation(get_pacific_day(), bucket, 1, caller)
    is_spent = get_payers(caller) and _count_left_of_payers(wanted) < 1
    return _exhausted(wanted) if is_spent else None


def _count(reservation: Reservation, now: datetime) -> bool:
    """Count a reservation in total, for its purpose and its payers; return False if too much."""
    if reservation.cost_units > _count_left_of_payers(reservation):
        return False
    ceiling = _get_ceiling(reservation)
    if not (_take(reservation, ceiling, now) or _take_first(reservation, ceiling, now)):
        return False
    # Until the unit ends this transaction locks the total's row: nobody else counts.
    if reservation.cost_units > _count_left_of_payers(reservation, n_taken=reservation.cost_units):
        _give_back(reservation, [TOTAL])
        return False
    for name in list_names(reservation.caller):
        _add(reservation, name)
    return True


def _count_left_of_payers(reservation: Reservation, n_taken: int = 0) -> int:
    """Return how much its payers may still spend; ``n_taken`` of the total are its own already."""
    rows, limit = _rows(reservation.day, reservation.bucket), get_limit(reservation.bucket)
    payers, day_left = get_payers(reservation.caller), get_day_left(reservation.day)
    return count_left(payers, rows, limit=limit, n_taken=n_taken, day_left=day_left)


def _get_ceiling(reservation: Reservation) -> int:
    """Return how far the day's total may grow for this caller."""
    limit = get_limit(reservation.bucket)
    is_background = get_purpose(reservation.caller) in BACKGROUND_CALLERS
    return limit - get_reserve(reservation.bucket) if is_background else limit


def _count_left(reservation: Reservation, now: datetime) -> int:
    """Return how many units this caller may still take; 0 when YouTube said that none are left."""
    total = _rows(reservation.day, reservation.bucket).filter(caller=TOTAL)
    used = total.filter(_is_believed_open(reservation.day, now)).values_list("used", flat=True)
    left = max((_get_ceiling(reservation) - n for n in used), default=0)
    return min(left, _count_left_of_payers(reservation))


def _take(reservation: Reservation, ceiling: int, now: datetime) -> bool:
    """Check and count in one statement; False when nothing is left, or on a day's first call."""
    return bool(
        _rows(reservation.day, reservation.bucket)
        .filter(_is_believed_open(reservation.day, now), caller=TOTAL)
        .filter(used__lte=ceiling - reservation.cost_units)
        .update(used=F("used") + reservation.cost_units)
    )


def _take_first(reservation: Reservation, ceiling: int, now: datetime) -> bool:
    if not _create_rows(reservation.day, reservation.bucket, (TOTAL,)):
        return False
    # Once per day and bucket: what single payers spent is of no use after the reset.
    old = QuotaUsage.objects.filter(bucket=reservation.bucket, day__lt=reservation.day)
    old.filter(caller__startswith=PAYER_MARK).delete()
    return _take(reservation, ceiling, now)


def _add(reservation: Reservation, name: str) -> None:
    row = _rows(reservation.day, reservation.bucket).filter(caller=name)
    more = F("used") + reservation.cost_units
    if not row.update(used=more):
        _create_rows(reservation.day, reservation.bucket, (name,))
        row.update(used=more)


def _give_back(reservation: Reservation, names: Iterable[str]) -> None:
    _rows(reservation.day, reservation.bucket).filter(
        caller__in=names, used__gte=reservation.cost_units
    ).update(used=F("used") - reservation.cost_units)


def _create_rows(day: date, bucket: str, callers: Iterable[str]) -> bool:
    """Create the missing rows, even if others do so now; return False when none was missing."""
    missing = [c for c in callers if not _rows(day, bucket).filter(caller=c).exists()]
    rows = [QuotaUsage(day=day, bucket=bucket, caller=caller) for caller in missing]
    return bool(QuotaUsage.objects.bulk_create(rows, ignore_conflicts=True))


def _is_believed_open(day: date, now: datetime) -> Q:
    """Return the condition that YouTube has not closed the bucket, or too soon after midnight."""
    began_at = get_reset_time(day - timedelta(days=1))
    if now < began_at + _CLOCK_SLACK:
        return Q(exhausted_at__isnull=True)
    return Q(exhausted_at__isnull=True) | Q(exhausted_at__lt=began_at + _CLOCK_SLACK)


def _exhausted(reservation: Reservation) -> QuotaExhausted:
    is_for_background = _get_ceiling(reservation) < get_limit(reservation.bucket)
    until = get_reset_time(reservation.day)
    what = "searches" if reservation.bucket == SEARCH else "quota units"
    whose = "of your share " if _count_left_of_payers(reservation) < 1 else ""
    beyond = " beyond the listeners' reserve" if is_for_background else ""
    return QuotaExhausted(
        f"No YouTube {what} {whose}are left today{beyond}.",
        bucket=reservation.bucket,
        until=until,
        hint=f"They come back at {until:%Y-%m-%d %H:%M} UTC.",
    )


def _to_state(rows: list[QuotaUsage], bucket: str, now: datetime) -> BucketState:
    today = get_pacific_day(now)
    by_caller = {row.caller: row.used for row in rows}
    used = by_caller.pop(TOTAL, 0)
    exhausted_at = next((row.exhausted_at for row in rows if row.caller == TOTAL), None)
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
    return DayUse(day=day, bucket=bucket, used=by_caller.pop(TOTAL, 0), by_caller=by_caller)
