"""Prepaid quota: counted once for calls that are about to be made together.

A request with fifty new songs makes some eighty calls; a commit for each would cost more time than
the calls. Unused quota is given back at the end; a process that dies before has counted too much,
never too little.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from types import MappingProxyType

from django.utils import timezone

from music.errors import QuotaExhausted
from music.youtube import pacific_days, quota
from music.youtube.quota import Reservation

_purses: "ContextVar[Mapping[tuple[str, str], Purse]]" = ContextVar(
    "purses", default=MappingProxyType({})
)


@contextmanager
def prepaid(bucket: str, most_units: int, caller: str) -> Iterator["Purse"]:
    """Count ``most_units`` now for the calls in the block, in all threads that share the context.

    Where less is left, all of it is counted: further calls ask for themselves, and when nothing at
    all is left they are refused without reading the ledger.
    """
    purse = Purse(bucket, caller)
    token = _purses.set({**_purses.get(), (bucket, caller): purse})
    try:
        purse.fill(most_units)
        yield purse
    finally:
        _purses.reset(token)
        purse.give_back()


def reserve(bucket: str, cost_units: int, caller: str) -> Reservation:
    """Reserve quota for one call, from what was prepaid or from the ledger (``quota.reserve``)."""
    purse = _purses.get().get((bucket, caller))
    reservation = purse.take(cost_units) if purse is not None else None
    return reservation or quota.reserve(bucket, cost_units, caller)


class Purse:
    """Quota that is counted but not spent yet; shared by threads."""

    def __init__(self, bucket: str, caller: str) -> None:
        self._bucket = bucket
        self._caller = caller
        self._left: Counter[date] = Counter()
        self._refusal: QuotaExhausted | None = None
        self._lock = threading.Lock()

    def fill(self, most_units: int) -> bool:
        """Count ``most_units`` more, or what is left of them; return whether there was any."""
        if most_units < 1 or self._find_refusal():
            return False
        try:
            more = quota.reserve_up_to(self._bucket, most_units, self._caller)
        except QuotaExhausted as error:
            self._refusal = error
            return False
        with self._lock:
            self._left[more.day] += more.cost_units
        return True

    def take(self, cost_units: int) -> Reservation | None:
        """Return a part of it.

        None when too little is left, QuotaExhausted when none could be had.
        """
        today = pacific_days.get_pacific_day()
        with self._lock:
            if self._left[today] >= cost_units:
                self._left[today] -= cost_units
                return Reservation(today, self._bucket, cost_units, self._caller)
        if refusal := self._find_refusal():
            raise QuotaExhausted(
                refusal.message, bucket=refusal.bucket, until=refusal.until, hint=refusal.hint
            )
        return None

    def give_back(self) -> None:
        """Give what is left back to the ledger, for each day on which it was counted."""
        with self._lock:
            left, self._left = self._left, Counter()
        for day, n_units in left.items():
            if n_units:
                quota.release(Reservation(day, self._bucket, n_units, self._caller))

    def _find_refusal(self) -> QuotaExhausted | None:
        refusal = self._refusal
        return refusal if refusal is not None and timezone.now() < refusal.until else None
