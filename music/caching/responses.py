"""Tier 4: the gateway's latest answers, so that asking YouTube twice in a row costs once."""

import os
import threading
from collections.abc import Callable
from typing import TypeVar

from cachetools import LRUCache
from django.conf import settings

from .single_flight import Flights
from .tiers import TierStats, estimate_bytes

Answer = TypeVar("Answer")


class ResponseTier:
    """The last ``max_entries`` answers of API calls, for the life of the process."""

    name = "responses"
    title = "API answers"
    is_per_process = True

    def __init__(self, max_entries: int) -> None:
        self.max_entries = max_entries
        self.stats = TierStats(self.name)
        self._answers: LRUCache[str, object] = LRUCache(max_entries)
        self._lock = threading.Lock()
        self._flights = Flights()

    def fetch(self, key: str, call: Callable[[], Answer]) -> Answer:
        """Return the cached answer to ``key``, or that of ``call``, which one thread makes for all.

        Errors of ``call`` are raised to all callers and not cached.
        """
        with self._lock:
            if key in self._answers:
                self.stats.hits.increment()
                return self._answers[key]  # type: ignore[return-value]
        self.stats.misses.increment()
        return self._flights.fly(key, lambda: self._call_and_keep(key, call))

    def _call_and_keep(self, key: str, call: Callable[[], Answer]) -> Answer:
        answer = call()
        with self._lock:
            self._answers[key] = answer
            self.stats.n_entries.set(len(self._answers))
        return answer

    def clear(self) -> None:
        """Delete every answer."""
        with self._lock:
            self._answers.clear()
            self.stats.n_entries.set(0)

    def forget_threads(self) -> None:
        """Reset in a forked child, where no thread finishes what the parent's threads began."""
        self._lock = threading.Lock()
        self._flights = Flights()

    def describe_state(self) -> str:
        return "on"

    def measure(self) -> tuple[int, int]:
        """Return the number of entries, and their estimated bytes."""
        with self._lock:
            answers = list(self._answers.items())
        return len(answers), estimate_bytes(answers)


tier = ResponseTier(settings.RESPONSE_CACHE_ENTRIES)
fetch = tier.fetch
clear = tier.clear
os.register_at_fork(after_in_child=tier.forget_threads)
