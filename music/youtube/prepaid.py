"""Quota counted in one go for calls that are about to be made together.

A request with fifty new songs makes some eighty calls; a commit for each would cost more time than
the calls. What was not used is given back at the end; a process that dies before has counted too
much, never too little.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from types import MappingProxyType

from django.utils import timezone

from music.errors import QuotaExhausted
from music.youtube import quota
from music.youtube.quota import Reservation

_purses: "ContextVar[Mapping[tuple[str, str], _Purse | _EmptyPurse]]" = ContextVar(
    "purses", default=MappingProxyType({})
)


@contextmanager
def prepaid(bucket: str, most_units: int, caller: str) -> Iterator[None]:
    """Count ``most_units`` now for the calls inside, also those of threads that share the context.

    Where so much is not left, what there is: calls beyond it ask for themselves, and when there is
    nothing at all they are refused without a look at the ledger.
    """
    if most_units < 1:
        yield
        return
    purse = _open_purse(bucket, most_units, caller)
    token = _purses.set({**_purses.get(), (bucket, caller): purse})
    try:
        yield
    finally:
        _purses.reset(token)
        purse.give_back()


def reserve(bucket: str, cost_units: int, caller: str) -> Reservation:
    """Quota for one call: out of what was prepaid, or from the ledger (``quota.reserve``)."""
    purse = _purses.get().get((bucket, caller))
    reservation = purse.take(cost_units) if purse is not None else None
    return reservation or quota.reserve(bucket, cost_units, caller)


class _Purse:
    """What is left of one reservation; shared by threads."""

    def __init__(self, reservation: Reservation) -> None:
        self._reservation = reservation
        self._left = reservation.cost_units
        self._lock = threading.Lock()

    def take(self, cost_units: int) -> Reservation | None:
        """A part of it; None when it is of yesterday, or not enough."""
        if quota.get_pacific_day() != self._reservation.day:
            return None
        with self._lock:
            if self._left < cost_units:
                return None
            self._left -= cost_units
        return replace(self._reservation, cost_units=cost_units)

    def give_back(self) -> None:
        """What is left goes back to the ledger."""
        with self._lock:
            left, self._left = self._left, 0
        if left:
            quota.release(replace(self._reservation, cost_units=left))


class _EmptyPurse:
    """There was nothing to count: says so to every call, until the quota resets."""

    def __init__(self, refusal: QuotaExhausted) -> None:
        self._refusal = refusal

    def take(self, _cost_units: int) -> None:
        """Raises QuotaExhausted; None when a new day began since."""
        refusal = self._refusal
        if timezone.now() < refusal.until:
            raise QuotaExhausted(
                refusal.message, bucket=refusal.bucket, until=refusal.until, hint=refusal.hint
            )

    def give_back(self) -> None:
        """There is nothing."""


def _open_purse(bucket: str, most_units: int, caller: str) -> _Purse | _EmptyPurse:
    try:
        return _Purse(quota.reserve_up_to(bucket, most_units, caller))
    except QuotaExhausted as error:
        return _EmptyPurse(error)
