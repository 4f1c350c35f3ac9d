"""Quota counted in one go for calls that are about to be made together.

A request with fifty new songs makes some eighty calls; a commit for each would cost more time than
the calls. What was not used is given back at the end.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from music.errors import QuotaExhausted
from music.youtube import quota
from music.youtube.quota import Reservation

_pot: "ContextVar[_Pot | None]" = ContextVar("pot", default=None)


@contextmanager
def prepaid(bucket: str, cost_units: int, caller: str) -> Iterator[None]:
    """Count ``cost_units`` now for the calls inside, also those of threads that share the context.

    Where so much is not left nothing is counted here, and each call asks for itself.
    """
    pot = _fill(bucket, cost_units, caller)
    token = _pot.set(pot)
    try:
        yield
    finally:
        _pot.reset(token)
        if pot is not None:
            pot.give_back()


def reserve(bucket: str, cost_units: int, caller: str) -> Reservation:
    """Quota for one call: out of what was prepaid, or from the ledger (``quota.reserve``)."""
    pot = _pot.get()
    reservation = pot.take(bucket, cost_units, caller) if pot is not None else None
    return reservation or quota.reserve(bucket, cost_units, caller)


class _Pot:
    """What is left of one reservation; shared by threads."""

    def __init__(self, reservation: Reservation) -> None:
        self._reservation = reservation
        self._left = reservation.cost_units
        self._lock = threading.Lock()

    def take(self, bucket: str, cost_units: int, caller: str) -> Reservation | None:
        """A part of it; None when it is for something else, of yesterday, or not enough."""
        whole = self._reservation
        if (bucket, caller, quota.get_pacific_day()) != (whole.bucket, whole.caller, whole.day):
            return None
        with self._lock:
            if self._left < cost_units:
                return None
            self._left -= cost_units
        return replace(whole, cost_units=cost_units)

    def give_back(self) -> None:
        with self._lock:
            left, self._left = self._left, 0
        if left:
            quota.release(replace(self._reservation, cost_units=left))


def _fill(bucket: str, cost_units: int, caller: str) -> _Pot | None:
    if cost_units < 2:
        return None
    try:
        return _Pot(quota.reserve(bucket, cost_units, caller))
    except QuotaExhausted:
        return None
