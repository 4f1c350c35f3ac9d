"""Counts the requests of each caller in a minute, and tells whether they are too many.

Each process counts in a dict and reports its counts to Redis, where those of all processes are
summed: at once while the limit is small, in steps of 1/16 of it otherwise, so that the usual
request waits for nobody. Without Redis, or while it is down, each process counts alone.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from redis import Redis

from . import parts

WINDOW_SECONDS = 60
REPORTS_PER_LIMIT = 16
MAX_CALLERS = 100_000
LIFE_SECONDS = 120
"""Twice the minute that a count is for: clocks of machines differ."""


def add_requests(caller: str, n_requests: int) -> int | None:
    """Add to the count of ``caller``; return the sum of all processes, None without Redis.

    ``caller`` names the caller and the minute; only its digest leaves the process.
    """
    if not parts.client.is_configured:
        return None
    key = f"requests:{hashlib.blake2b(caller.encode(), digest_size=12).hexdigest()}"

    def add(redis: Redis) -> int:
        with redis.pipeline(transaction=False) as pipeline:
            pipeline.incrby(key, n_requests)
            pipeline.expire(key, LIFE_SECONDS)
            return pipeline.execute()[0]

    return parts.client.call(add)


Report = Callable[[str, int], int | None]
"""A function that adds to a caller's count of this minute; returns the sum over all processes, or
None."""


@dataclass(slots=True)
class Count:
    """The requests of one caller in this minute: all of them, and those not yet reported."""

    total: int = 0
    unreported: int = 0


class RequestCounter:
    """Counts requests per caller and minute; bounded, and safe between threads."""

    def __init__(self, report: Report, clock: Callable[[], float] = time.time) -> None:
        self._report = report
        self._clock = clock
        self._lock = Lock()
        self._window = 0
        self._counts: dict[str, Count] = {}

    def admit(self, caller: str, limit: int) -> bool:
        """Count one request of ``caller``; return whether it is within ``limit`` a minute."""
        window = int(self._clock() // WINDOW_SECONDS)
        with self._lock:
            if window != self._window or len(self._counts) >= MAX_CALLERS:
                self._window, self._counts = window, {}
            count = self._counts.setdefault(caller, Count())
            if count.total >= limit:
                return False
            count.total += 1
            count.unreported += 1
            if count.unreported * REPORTS_PER_LIMIT < limit:
                return True
            reported, count.unreported = count.unreported, 0
        everywhere = self._report(f"{window}:{caller}", reported)
        if everywhere is None:
            return True
        with self._lock:
            count.total = max(count.total, everywhere)
        return everywhere <= limit

    def charge(self, caller: str, points: int) -> None:
        """Count the cost of an admitted request of ``caller`` beyond its first point."""
        with self._lock:
            count = self._counts.get(caller)
            if count is not None:
                count.total += points
                count.unreported += points

    def points_left(self, caller: str, limit: int) -> int:
        """Return how many of ``limit`` points ``caller`` has left in this minute.

        Other processes may have used some that were not reported yet.
        """
        with self._lock:
            count = self._counts.get(caller)
        return max(limit - count.total, 0) if count is not None else limit

    def seconds_left(self) -> float:
        """Return how long the current minute still lasts."""
        return WINDOW_SECONDS - self._clock() % WINDOW_SECONDS


counter = RequestCounter(add_requests)
"""The counter of this process, for pages and API."""
