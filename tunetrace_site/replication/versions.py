"""Versions order changes: they grow with the clock, and are never equal in two databases.

A version is the clock in microseconds times 16 plus the number of the database it was made in. A
new version is greater than every version that its database knows, made here or received, whatever
the clock does (a hybrid logical clock; Kulkarni et al., 2014).

A version made after a failover must be newer than what the failed database committed last, although
clocks disagree or jump. Each database adds to its clock the time by which it is behind the
reference: the more advanced of both clocks. When that clock goes back, the reference does not: it
goes on at half speed until the clocks have caught up with it, so that an offset made by a jump is
gone after twice the jump.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import connections

from .databases import POSTGRES, SQLITE
from .marks import Halt, note_halt
from .models import State

_N_ORIGINS = 16
# Machines have the numbers 1 to 14 (settings.py).
_MOVED = 15
VERSIONS_A_MICROSECOND = _N_ORIGINS
_TOLERANCE_MICROSECONDS = 20_000
_SPEED_WHILE_AHEAD = 0.5

_CLOCK_SQL = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000",
    "postgresql": "(extract(epoch from clock_timestamp()) * 1000000)::bigint",
}


# One read at the end of an index.
HIGHEST_VERSION_SQL = "(SELECT max(version) FROM replication_rowversion)"


GREATEST_SQL = {"sqlite": "max", "postgresql": "greatest"}


def origin_of(vendor: str) -> int:
    """Return the number in the low bits: 0 for PostgreSQL, this machine's number for its SQLite."""
    return 0 if vendor == "postgresql" else settings.MACHINE_NUMBER


def clock_sql(vendor: str) -> str:
    """Return SQL for the database's own clock, in microseconds since 1970."""
    return _CLOCK_SQL[vendor]


def new_version_sql(vendor: str) -> str:
    """Return SQL for a version made now: by the clock, but above the highest known version."""
    now = f"({clock_sql(vendor)} + (SELECT clock_offset FROM replication_state))"
    return (
        f"{GREATEST_SQL[vendor]}({now} * {_N_ORIGINS} + {origin_of(vendor)},"
        f" {next_version_sql(vendor, f'coalesce({HIGHEST_VERSION_SQL}, 0)')})"
    )


def next_version_sql(vendor: str, column: str) -> str:
    """Return SQL for the smallest version above the one in ``column`` that ``vendor`` may make."""
    return f"((({column} / {_N_ORIGINS}) + 1) * {_N_ORIGINS} + {origin_of(vendor)})"


def next_version(version: int, vendor: str) -> int:
    """Return the smallest version above ``version`` that ``vendor`` may make."""
    return (version // _N_ORIGINS + 1) * _N_ORIGINS + origin_of(vendor)


def derived_version(version: int) -> int:
    """Return the version, in any database, of a row that a migration makes from another row.

    ``version`` is that of the other row.
    """
    return version + _N_ORIGINS


def moved_version(version: int) -> int:
    """Return the version of the tombstone of a replaced key, whose row was not deleted.

    No machine has the number in its low bits.
    """
    return (version // _N_ORIGINS + 1) * _N_ORIGINS + _MOVED


def is_moved(version: int) -> bool:
    """Return whether ``version`` was made by ``moved_version``."""
    return version % _N_ORIGINS == _MOVED


def first_version(vendor: str) -> int:
    """Return the version of a row older than the triggers: any captured change is newer."""
    return origin_of(vendor)


def time_of(version: int) -> datetime:
    """Return when a version was made, by the clock of its database."""
    return datetime.fromtimestamp(version // _N_ORIGINS / 1_000_000, UTC)


def version_at(timestamp: float) -> int:
    """Return the smallest version that can have been made at ``timestamp`` (seconds since 1970)."""
    return int(timestamp * 1_000_000) * _N_ORIGINS


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A database's clock, its offset, and the time in the highest version it knows; all in µs."""

    clock: int
    offset: int
    highest: int


class ReferenceClock:
    """The time that both databases are held to, in microseconds since 1970."""

    def __init__(self) -> None:
        self._latest = 0
        self._read_at = 0.0

    def advance(self, clock: int, highest: int) -> int:
        """Return the reference time now, given the more advanced ``clock``.

        The first call also uses the time of the ``highest`` version: an earlier relay may have left
        the reference there.
        """
        now = time.monotonic()
        if not self._latest:
            # Versions that far ahead were made by a wrong clock: new versions stay above them
            # (new_version_sql), but the reference does not follow them.
            followed = highest - clock <= _limit_microseconds()
            self._latest = max(clock, highest) if followed else clock
        else:
            passed = (now - self._read_at) * 1_000_000
            ahead = self._latest + passed > clock
            self._latest += int(passed * (_SPEED_WHILE_AHEAD if ahead else 1.0))
            self._latest = max(clock, self._latest)
        self._read_at = now
        return self._latest


def align_clocks(reference: ReferenceClock) -> str:
    """Set the offset of each database that is behind the reference by more than 20 ms.

    Returns changes worth telling operators: this machine takes no writes while its clock and
    PostgreSQL's differ by more than ``CLOCK_DIFFERENCE_LIMIT_SECONDS``.
    """
    readings = {alias: read_clock(alias) for alias in (SQLITE, POSTGRES)}
    now = reference.advance(
        max(reading.clock for reading in readings.values()),
        max(reading.highest for reading in readings.values()),
    )
    for alias, reading in readings.items():
        wanted = max(0, now - reading.clock)
        if abs(wanted - reading.offset) > _TOLERANCE_MICROSECONDS:
            State.objects.using(alias).update(clock_offset=wanted)
    return _halt_beyond_the_limit(readings[POSTGRES].clock - readings[SQLITE].clock)


def _halt_beyond_the_limit(difference: int) -> str:
    if abs(difference) <= _limit_microseconds():
        return "the clocks agree again" if note_halt(Halt.CLOCK, "") else ""
    reason = (
        f"PostgreSQL's clock is {abs(difference) / 1_000_000:.0f} s"
        f" {'ahead of' if difference > 0 else 'behind'} this machine's: no writes until one of them"
        " is set (CLOCK_DIFFERENCE_LIMIT_SECONDS)"
    )
    return reason if note_halt(Halt.CLOCK, reason) else ""


def _limit_microseconds() -> int:
    return settings.CLOCK_DIFFERENCE_LIMIT_SECONDS * 1_000_000


def read_clock(alias: str) -> ClockReading:
    """Return the reading of a database's clock."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            f"SELECT {clock_sql(connections[alias].vendor)}, clock_offset,"
            f" coalesce({HIGHEST_VERSION_SQL}, 0) FROM replication_state"
        )
        clock, offset, highest = cursor.fetchone()
    return ClockReading(clock, offset, highest // _N_ORIGINS)
