"""Keep versions in the order of what happened although clocks disagree or jump.

A version made after a failover must be newer than what the failed database committed last. Each
database adds to its clock what it is behind the reference: the most advanced of both clocks. When
that clock goes back, the reference does not: it goes on at half speed until the clocks have caught
up with it, so that an offset that a jump has made is gone after twice the jump.
"""

import time
from dataclasses import dataclass

from django.conf import settings
from django.db import connections

from .databases import POSTGRES, SQLITE
from .marks import Halt, note_halt
from .models import State
from .versions import HIGHEST_VERSION_SQL, VERSIONS_A_MICROSECOND, clock_sql

_TOLERANCE_MICROSECONDS = 20_000
_SPEED_WHILE_AHEAD = 0.5


@dataclass(frozen=True, slots=True)
class ClockReading:
    """One database's clock, its offset, and the time in the highest version it knows; all in µs."""

    clock: int
    offset: int
    highest: int


class ReferenceClock:
    """The time that both databases are held to, in microseconds since 1970."""

    def __init__(self) -> None:
        self._latest = 0
        self._read_at = 0.0

    def advance(self, clock: int, highest: int) -> int:
        """The time now, given the most advanced ``clock`` and, for the first call, the time of the
        ``highest`` version: another relay may have left it there.
        """
        now = time.monotonic()
        if not self._latest:
            # Versions that far ahead were made by a clock that was wrong: they are stayed above
            # (versions.py), not followed.
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

    Returns what is news about the clocks, for people: this machine takes no writes while its clock
    and PostgreSQL's differ by more than ``CLOCK_DIFFERENCE_LIMIT_SECONDS``.
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
    """Ask a database for its clock."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            f"SELECT {clock_sql(connections[alias].vendor)}, clock_offset,"
            f" coalesce({HIGHEST_VERSION_SQL}, 0) FROM replication_state"
        )
        clock, offset, highest = cursor.fetchone()
    return ClockReading(clock, offset, highest // VERSIONS_A_MICROSECOND)
