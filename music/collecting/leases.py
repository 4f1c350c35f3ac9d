"""The exclusive right to ask YouTube about something, among threads, processes and machines.

Within a process it is a set of keys under a lock; between the processes of a machine a file lock;
between machines Redis, when it is there. A caller who had to wait looks again at what is stored
before asking: most often the answer is there by then.
"""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from music.caching import parts
from music.caching.keys import CacheKey
from music.caching.shared import LeaseUnavailable

WAIT_SECONDS = 8.0
"""The longest wait for other holders; after it we ask ourselves."""
_POLL_SECONDS = 0.02

_asking: set[str] = set()
_changed = threading.Condition()


class Lease(Protocol):
    """A right to ask that can be given back."""

    def release(self) -> None: ...


@contextmanager
def ask_alone(names: Iterable[str]) -> Iterator[bool]:
    """Hold the right to ask about each of ``names``; yield whether the caller had to wait.

    All callers take the rights in alphabetical order, those of their process first, so that no
    deadlock arises.
    """
    ordered = sorted(set(names))
    deadline = time.monotonic() + WAIT_SECONDS
    held: list[str] = []
    leases: list[Lease] = []
    waited = False
    try:
        for name in ordered:
            waited |= _enter(name, held, deadline)
        if not _lease_together(ordered, leases):
            for name in ordered:
                waited |= _lease(name, leases, deadline)
        yield waited
    finally:
        for lease in leases:
            lease.release()
        with _changed:
            _asking.difference_update(held)
            _changed.notify_all()


def _enter(name: str, held: list[str], deadline: float) -> bool:
    """Wait for other threads; return whether there was one."""
    with _changed:
        is_taken = name in _asking
        if is_taken:
            _changed.wait_for(
                lambda: name not in _asking, timeout=max(deadline - time.monotonic(), 0)
            )
        if name not in _asking:
            _asking.add(name)
            held.append(name)
        return is_taken


def _lease_together(names: Sequence[str], leases: list[Lease]) -> bool:
    """Take all rights from Redis by one call; return whether they were free and Redis is there."""
    if not (names and parts.client.is_available):
        return False
    try:
        lease = parts.redis.try_lease(*map(_make_key, names))
    except LeaseUnavailable:
        return False
    if lease is not None:
        leases.append(lease)
    return lease is not None


def _make_key(name: str) -> CacheKey:
    return CacheKey(f"resolve:{name}")


def _lease(name: str, leases: list[Lease], deadline: float) -> bool:
    """Wait for other processes; return whether there was one."""
    tier = parts.redis if parts.client.is_available else parts.machine
    waited = False
    while True:
        try:
            lease = tier.try_lease(_make_key(name))
        except LeaseUnavailable:
            return waited  # asking twice costs quota, waiting costs a listener time
        if lease is not None:
            leases.append(lease)
            return waited
        waited = True
        if time.monotonic() > deadline:
            return waited
        time.sleep(_POLL_SECONDS)
