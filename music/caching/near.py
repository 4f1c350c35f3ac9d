"""Tiers 2 and 3: values in this process, checked for freshness at every read."""

import itertools
import threading
import time
from collections.abc import Sequence
from typing import Any

from cachetools import LRUCache

from .generations import Generations
from .tiers import SAMPLE, CacheEntry, TierStats, estimate_bytes, vary


class NearTier:
    """A bounded least-recently-used dictionary of entries with generations.

    ``get`` takes about 2 microseconds, freshness check included. Values are shared: nobody may
    change one.
    """

    is_per_process = True

    def __init__(self, name: str, title: str, max_entries: int, generations: Generations) -> None:
        self.name = name
        self.title = title
        self.max_entries = max_entries
        self.stats = TierStats(name)
        self._generations = generations
        self._entries: LRUCache[Any, CacheEntry] = LRUCache(max_entries)
        self._lock = threading.Lock()

    def get(self, key: object) -> CacheEntry | None:
        """Return the entry of ``key`` unless something it depends on has changed.

        It may be stale.
        """
        try:
            with self._lock:
                entry = self._entries[key]  # .get() would look twice
        except KeyError:
            self.stats.misses.increment()
            return None
        now = time.monotonic()
        if now < entry.expires_at and self._generations.read(entry.slots) == entry.generation:
            (self.stats.hits if now < entry.fresh_until else self.stats.stale).increment()
            return entry
        self.drop(key)
        self.stats.misses.increment()
        return None

    def peek(self, key: object) -> CacheEntry | None:
        """Return the entry of ``key``, valid or not, without counting the read."""
        with self._lock:
            return self._entries.get(key)

    def set(
        self,
        key: object,
        value: Any,
        *,
        fresh_seconds: float,
        stale_seconds: float,
        slots: tuple[int, ...],
        generation: tuple[int, ...],
    ) -> None:
        """Store ``value``: fresh for about ``fresh_seconds``, then stale for ``stale_seconds``."""
        fresh_until = time.monotonic() + vary(fresh_seconds)
        entry = CacheEntry(value, fresh_until, fresh_until + stale_seconds, slots, generation)
        with self._lock:
            self._entries[key] = entry
            self.stats.n_entries.set(len(self._entries))

    def drop(self, key: object) -> None:
        """Delete ``key`` in this process."""
        with self._lock:
            self._entries.pop(key, None)
            self.stats.n_entries.set(len(self._entries))

    def clear(self) -> None:
        """Delete everything in this process."""
        with self._lock:
            self._entries.clear()
            self.stats.n_entries.set(0)

    def forget_threads(self) -> None:
        """Make a free lock: in a forked child the thread that held the old one does not exist."""
        self._lock = threading.Lock()

    def list_keys(self) -> Sequence[Any]:
        """Return the keys held now, most recently used last."""
        with self._lock:
            return list(self._entries)

    def describe_state(self) -> str:
        return "on" if self._generations.is_shared else "on, this process only"

    def measure(self) -> tuple[int, int]:
        """Return the number of entries, and their bytes estimated from a sample."""
        with self._lock:
            n_entries = len(self._entries)
            sample = list(itertools.islice(self._entries.items(), SAMPLE))
        if not sample:
            return 0, 0
        sampled = sum(estimate_bytes(key) + estimate_bytes(entry) for key, entry in sample)
        return n_entries, sampled * n_entries // len(sample)
