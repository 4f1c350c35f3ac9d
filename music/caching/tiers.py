"""The parts that all tiers share: entries, counts and reports."""

import random
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple, Protocol

from tunetrace_site.machine.counters import Counter, Gauge

JITTER = 0.1
"""Lifetimes vary by this share, so that what was stored together does not expire together."""
SAMPLE = 32
"""Entries whose size is measured to estimate the memory of a tier."""


class CacheEntry(NamedTuple):
    """A cached value: fresh until ``fresh_until``, then stale, invalid after ``expires_at``.

    ``generation`` are the numbers of the value's scopes, read before it was loaded. The times are
    those of the tier's own clock (monotonic in process, ``time.time()`` where others read it).
    """

    value: Any
    fresh_until: float
    expires_at: float
    slots: tuple[int, ...]
    generation: tuple[int, ...]


class TierStats:
    """A tier's counts, shared by the processes of the machine."""

    def __init__(self, tier: str) -> None:
        self.hits = Counter("cache_hits", tier=tier)
        self.misses = Counter("cache_misses", tier=tier)
        self.stale = Counter("cache_stale", tier=tier)
        self.errors = Counter("cache_errors", tier=tier)
        self.n_entries = Gauge("cache_entries", tier=tier)


@dataclass(frozen=True, slots=True)
class TierReport:
    """The state of a tier for operators, summed over the processes of this machine.

    ``max_entries`` is for one process where ``is_per_process``. None: unknown now.
    """

    name: str
    title: str
    state: str
    hits: int
    misses: int
    stale: int
    errors: int
    n_entries: int | None
    max_entries: int | None
    memory_bytes: int | None
    is_per_process: bool

    @property
    def hit_rate(self) -> float | None:
        """The share of reads answered, stale answers included; None before the first."""
        asked = self.hits + self.stale + self.misses
        return (self.hits + self.stale) / asked if asked else None

    @property
    def hit_percent(self) -> float | None:
        """``hit_rate`` as a percentage."""
        return None if self.hit_rate is None else 100 * self.hit_rate


class Tier(Protocol):
    """The interface that the stack and the operators' page need of every tier."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def max_entries(self) -> int | None: ...

    @property
    def is_per_process(self) -> bool: ...

    def describe_state(self) -> str:
        """Return the state in a word or a few: ``on``, ``off``, ``down``."""

    def measure(self) -> tuple[int | None, int | None]:
        """Return entries and bytes held, with None for what is unknown now."""


def report_tier(tier: Tier, totals: Mapping[str, int]) -> TierReport:
    """Return a tier's report from its own measure and the machine's counter ``totals``."""
    n_entries, memory_bytes = tier.measure()
    if tier.is_per_process and n_entries:
        n_here, n_entries = n_entries, totals.get(f"cache_entries|tier={tier.name}", n_entries)
        memory_bytes = (memory_bytes or 0) * n_entries // n_here

    def count(event: str) -> int:
        return totals.get(f"cache_{event}|tier={tier.name}", 0)

    return TierReport(
        name=tier.name,
        title=tier.title,
        state=tier.describe_state(),
        hits=count("hits"),
        misses=count("misses"),
        stale=count("stale"),
        errors=count("errors"),
        n_entries=n_entries,
        max_entries=tier.max_entries,
        memory_bytes=memory_bytes,
        is_per_process=tier.is_per_process,
    )


def vary(seconds: float) -> float:
    """Return ``seconds``, up to a tenth less or more at random."""
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)


def estimate_bytes(value: object, *, _seen: set[int] | None = None) -> int:
    """Return the memory of ``value`` and all it refers to, counting shared parts once."""
    seen = set() if _seen is None else _seen
    if id(value) in seen or isinstance(value, type):
        return 0
    seen.add(id(value))
    return sys.getsizeof(value) + sum(estimate_bytes(part, _seen=seen) for part in _parts(value))


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple, set, frozenset)):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in fields(value)]
    return ()
