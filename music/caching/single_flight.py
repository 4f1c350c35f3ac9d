"""Single flight: one computation per key; the first caller makes it, the others wait for it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

WAIT_SECONDS = 30.0
"""The longest wait for another caller's computation before making one's own."""

Value = TypeVar("Value")


@dataclass(slots=True)
class _Flight:
    landed: threading.Event = field(default_factory=threading.Event)
    value: Any = None
    error: Exception | None = None
    is_lost: bool = False


class Flights:
    """The computations under way in this process, by key."""

    def __init__(self, wait_seconds: float = WAIT_SECONDS) -> None:
        self._wait_seconds = wait_seconds
        self._flights: dict[str, _Flight] = {}
        self._lock = threading.Lock()

    def fly(self, key: str, compute: Callable[[], Value]) -> Value:
        """Return the result of ``compute``, or raise its error, computed once for all callers."""
        flight, is_pilot = self._join(key)
        if is_pilot:
            return self._pilot(key, flight, compute)
        if not flight.landed.wait(self._wait_seconds) or flight.is_lost:
            return compute()
        if flight.error is not None:
            raise flight.error
        return flight.value

    def try_start(self, key: str) -> bool:
        """Begin a computation that nobody waits for; return False when one is under way."""
        return self._join(key)[1]

    def finish(self, key: str) -> None:
        """End a computation begun with ``try_start``.

        Callers who waited for it compute themselves.
        """
        with self._lock:
            flight = self._flights.pop(key, None)
        if flight is not None:
            flight.is_lost = True
            flight.landed.set()

    def _join(self, key: str) -> tuple[_Flight, bool]:
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                return flight, False
            flight = self._flights[key] = _Flight()
            return flight, True

    def _pilot(self, key: str, flight: _Flight, compute: Callable[[], Value]) -> Value:
        flight.is_lost = True  # until the end, since the thread may be interrupted from outside
        try:
            flight.value = compute()
            flight.is_lost = False
            return flight.value
        except Exception as error:
            flight.error, flight.is_lost = error, False
            raise
        finally:
            with self._lock:
                if self._flights.get(key) is flight:
                    del self._flights[key]
            flight.landed.set()
