"""The reading order: near, else shared, else compute once; stale answers are refreshed later."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connections

from tunetrace_site.replication.replica_reads import on_primary

from . import encoding
from .broadcast import Broadcast
from .generations import Generations
from .keys import CacheKey
from .machine import MachineLease, MachineTier
from .near import NearTier
from .shared import LEASE_SECONDS, LeaseUnavailable, Look, RedisLease, RedisTier, Shared
from .single_flight import Flights

BRIEF_SECONDS = 60.0
"""Life of an incomplete answer: a song was not found, or a source was down."""
RETRY_SECONDS = 1.0
"""How long a stale answer is served after a refresh that failed."""
MAX_REFRESHERS = 2

logger = logging.getLogger(__name__)
Compute = Callable[[], Any]


class Leases:
    """The rights to compute: of this machine, of all machines, or of neither when unavailable."""

    def __init__(self, held: list[MachineLease | RedisLease]) -> None:
        self._held = held

    def release(self) -> None:
        """Let others compute."""
        for lease in self._held:
            lease.release()


class ReadThrough:
    """Reads the near tier, else the shared one, else computes, once for all callers."""

    def __init__(
        self,
        near: NearTier,
        redis: RedisTier,
        machine: MachineTier,
        generations: Generations,
        broadcast: Broadcast,
    ) -> None:
        self.near = near
        self._redis = redis
        self._machine = machine
        self._generations = generations
        self._broadcast = broadcast
        self._flights = Flights()
        self._refreshers = threading.BoundedSemaphore(MAX_REFRESHERS)

    def fetch(self, key: CacheKey, compute: Compute) -> Any:
        """Return the cached answer to ``key``, or that of ``compute``, whose errors are raised.

        A stale answer is returned at once, and refreshed in the background by one process.
        """
        entry = self.near.get(key)
        if entry is None:
            return self._flights.fly(key, lambda: self._fetch_shared(key, compute))
        if entry.fresh_until < time.monotonic():
            self._refresh_later(key, compute)
        return entry.value

    def still_has(self, key: CacheKey, value: Any) -> bool:
        """Return whether ``fetch`` would give this very value at once; that counts as a hit."""
        entry = self.near.peek(key)
        if entry is None or entry.value is not value or entry.fresh_until < time.monotonic():
            return False
        return self.near.get(key) is entry

    def forget_threads(self) -> None:
        """Reset in a forked child, where no thread finishes what the parent's threads began."""
        self._flights = Flights()
        self._refreshers = threading.BoundedSemaphore(MAX_REFRESHERS)

    def _fetch_shared(self, key: CacheKey, compute: Compute) -> Any:
        self._broadcast.listen()
        found = self._look_near(key).found
        if found is None:
            return self._compute_once(key, compute)
        if found.fresh_seconds <= 0:
            self._refresh_later(key, compute)
        return found.value

    def _look_near(self, key: CacheKey) -> Look:
        """Read the shared tier, and copy its entry to the near tier."""
        slots, generation = self._read_generation(key)
        look = self._look_shared(key)
        if look.found is not None:
            self._keep_near(key, look.found, slots, generation)
        return look

    def _look_shared(self, key: CacheKey) -> Look:
        tier = self._redis if self._redis.client.is_available else self._machine
        return tier.look(key)

    def _compute_once(self, key: CacheKey, compute: Compute) -> Any:
        """Compute under a lease, or take the result of the lease's holder."""
        give_up_at = time.monotonic() + LEASE_SECONDS
        pause_seconds = 0.002
        while (lease := self._try_lease(key)) is None and time.monotonic() < give_up_at:
            time.sleep(pause_seconds)
            pause_seconds = min(0.05, pause_seconds * 1.5)
        try:
            # Between the last read and the lease another caller may have finished.
            look = self._look_near(key)
            if look.found is not None and look.found.fresh_seconds > 0:
                return look.found.value
            return self._compute_and_keep(key, compute, look)
        finally:
            if lease is not None:
                lease.release()

    def _try_lease(self, key: CacheKey) -> Leases | None:
        """Return the right to compute ``key``, or None while another process has it.

        The machine's lease comes first: it still holds when Redis fails during the computation.
        """
        held: list[MachineLease | RedisLease] = []
        for tier in (self._machine, self._redis):
            try:
                lease = tier.try_lease(key)
            except LeaseUnavailable:
                continue
            if lease is None:
                Leases(held).release()
                return None
            held.append(lease)
        return Leases(held)

    def _compute_and_keep(self, key: CacheKey, compute: Compute, look: Look) -> Any:
        slots, generation = self._read_generation(key)
        with on_primary():
            value = encoding.normalise(compute())
        fresh_seconds, stale_seconds = _choose_life(value)
        self._keep_near(key, Shared(value, fresh_seconds, stale_seconds), slots, generation)
        if self._read_generation(key)[1] == generation:
            life = {"fresh_seconds": fresh_seconds, "stale_seconds": stale_seconds}
            self._redis.store(key, value, **life, generation=look.generation)
            # Store here too, so that there is something to serve as soon as Redis fails.
            self._machine.store(key, value, **life, generation=generation)
        return value

    def _refresh_later(self, key: CacheKey, compute: Compute) -> None:
        name = f"refresh:{key}"
        if not self._flights.try_start(name):
            return
        if not self._refreshers.acquire(blocking=False):
            self._flights.finish(name)
            return
        threading.Thread(
            target=self._refresh, args=(key, compute), name="cache-refresh", daemon=True
        ).start()

    def _refresh(self, key: CacheKey, compute: Compute) -> None:
        try:
            if not self._refresh_once(key, compute):
                self._postpone(key)
        except Exception:
            logger.warning("Could not refresh %s", key, exc_info=True)
            self._postpone(key)
        finally:
            connections.close_all()
            self._refreshers.release()
            self._flights.finish(f"refresh:{key}")

    def _refresh_once(self, key: CacheKey, compute: Compute) -> bool:
        look = self._look_near(key)
        if look.found is not None and look.found.fresh_seconds > 0:
            return True
        lease = self._try_lease(key)
        if lease is None:
            return False
        try:
            self._compute_and_keep(key, compute, look)
        finally:
            lease.release()
        return True

    def _postpone(self, key: CacheKey) -> None:
        """Serve the present value for another second before the next attempt to refresh it."""
        slots, generation = self._read_generation(key)
        entry = self.near.get(key)
        if entry is not None:
            stale_seconds = max(0.0, entry.expires_at - time.monotonic())
            self._keep_near(
                key, Shared(entry.value, RETRY_SECONDS, stale_seconds), slots, generation
            )

    def _read_generation(self, key: CacheKey) -> tuple[tuple[int, ...], tuple[int, ...]]:
        slots = self._generations.find_slots(key.scopes)
        return slots, self._generations.read(slots)

    def _keep_near(
        self, key: CacheKey, found: Shared, slots: tuple[int, ...], generation: tuple[int, ...]
    ) -> None:
        self.near.set(
            key,
            found.value,
            fresh_seconds=max(0.0, found.fresh_seconds),
            stale_seconds=max(0.0, found.stale_seconds),
            slots=slots,
            generation=generation,
        )


def _choose_life(value: Any) -> tuple[float, float]:
    """Return how long ``value`` stays fresh, and then stale, in seconds."""
    if encoding.is_incomplete(value):
        return min(BRIEF_SECONDS, settings.REDIS_TTL_SECONDS), 0.0
    return settings.REDIS_TTL_SECONDS, settings.STALE_SECONDS
