"""How many requests a minute one caller may make.

Each process counts in a dict and reports what it counted to Redis, where the counts of all
processes meet: at once while the limit is small, in steps of 1/16 of it otherwise, so that the
usual request waits for nobody. Without Redis, or while it is down, each process counts alone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from threading import Lock
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from music.caching.request_counts import add_requests

if TYPE_CHECKING:  # the view's own settings import this module
    from rest_framework.views import APIView

WINDOW_SECONDS = 60
REPORTS_PER_LIMIT = 16
MAX_CALLERS = 100_000

Report = Callable[[str, int], int | None]
"""Add to a caller's count of this minute; returns the count of all processes, or ``None``."""


@dataclass(slots=True)
class Count:
    """What one caller used of this minute: in all, and not yet reported."""

    total: int = 0
    unreported: int = 0


class RequestCounter:
    """Counts requests a caller and minute; bounded, and safe between threads."""

    def __init__(self, report: Report, clock: Callable[[], float] = time.time) -> None:
        self._report = report
        self._clock = clock
        self._lock = Lock()
        self._window = 0
        self._counts: dict[str, Count] = {}

    def admit(self, caller: str, limit: int) -> bool:
        """Count one request of ``caller``; whether it is within ``limit`` a minute."""
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

    def seconds_left(self) -> float:
        """How long the current minute still lasts."""
        return WINDOW_SECONDS - self._clock() % WINDOW_SECONDS


counter = RequestCounter(add_requests)


class CallerThrottle(BaseThrottle):
    """Counts anonymous callers by address, listeners by themselves, service keys not at all."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        user = request.user
        if not user.is_authenticated:
            limit = settings.ANONYMOUS_REQUESTS_PER_MINUTE
            return counter.admit(f"a:{shorten_address(self.get_ident(request))}", limit)
        if user.pk is None:
            return True
        return counter.admit(f"l:{user.pk}", settings.LISTENER_REQUESTS_PER_MINUTE)

    def wait(self) -> float:
        return counter.seconds_left()


def shorten_address(address: str | None) -> str:
    """An IPv6 address as its /64 network, which one caller has all of; others as they are."""
    if not address or ":" not in address:
        return address or ""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return address
    return parsed.ipv4_mapped.exploded if parsed.ipv4_mapped else parsed.exploded[:19]
