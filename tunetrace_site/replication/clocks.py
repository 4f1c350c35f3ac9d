"""Keep versions growing although clocks disagree or jump.

A version made after a failover must be newer than what the failed database committed last. Each
database adds to its clock what it is behind the reference: the most advanced of both clocks, which
itself never goes back while a relay runs (it goes on with the monotonic clock of the machine).
"""

import time

from django.db import connections

from .databases import POSTGRES, SQLITE
from .models import State
from .versions import clock_sql

_TOLERANCE_MICROSECONDS = 20_000


class ReferenceClock:
    """The time that both databases are held to, in microseconds since 1970."""

    def __init__(self) -> None:
        self._latest = 0
        self._read_at = time.monotonic()

    def advance(self, *readings: int) -> int:
        """The time now: the largest of ``readings``, or what has passed since the last call."""
        now = time.monotonic()
        went_on = self._latest + int((now - self._read_at) * 1_000_000) if self._latest else 0
        self._latest, self._read_at = max(went_on, *readings), now
        return self._latest


def align_clocks(reference: ReferenceClock) -> None:
    """Set the offset of each database that is behind the reference by more than 20 ms."""
    clocks = {alias: _read_clock(alias) for alias in (SQLITE, POSTGRES)}
    now = reference.advance(*(clock + offset for clock, offset in clocks.values()))
    for alias, (clock, offset) in clocks.items():
        wanted = now - clock
        if abs(wanted - offset) > _TOLERANCE_MICROSECONDS:
            State.objects.using(alias).update(clock_offset=max(0, wanted))


def _read_clock(alias: str) -> tuple[int, int]:
    """The database's clock and its present offset."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            f"SELECT {clock_sql(connections[alias].vendor)}, clock_offset FROM replication_state"
        )
        return cursor.fetchone()
