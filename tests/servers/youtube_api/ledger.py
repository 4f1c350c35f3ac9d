"""The project's quota on the server's side, and the faults that it was told to show."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from .refusals import quota_exceeded, search_quota_exceeded


@dataclass
class Fault:
    """How the next ``times`` calls of ``resource`` (None: any) fail."""

    mode: str
    times: int = 1_000_000_000
    resource: str | None = None
    seconds: float = 0.0


@dataclass
class Ledger:
    """Counts every call that carries a key, also invalid ones, as Google does."""

    daily_searches: int
    daily_units: int
    searches: int = 0
    units: int = 0
    refused: int = 0
    requests: int = 0
    probes: int = 0
    by_resource: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, resource: str) -> None:
        """Count one call, or raise the refusal for a bucket that is used up."""
        with self.lock:
            self.by_resource[resource] += 1
            if resource == "search":
                if self.searches >= self.daily_searches:
                    self.refused += 1
                    raise search_quota_exceeded()
                self.searches += 1
            else:
                if self.units >= self.daily_units:
                    self.refused += 1
                    raise quota_exceeded()
                self.units += 1

    def take_fault(self, resource: str, *, is_probe: bool) -> Fault | None:
        """Return the fault for this caller; a probe (without a key) does not use faults up."""
        with self.lock:
            self.probes += is_probe
            self.requests += not is_probe
            for fault in self.faults:
                if fault.resource in (None, resource):
                    fault.times -= not is_probe
                    if fault.times <= 0:
                        self.faults.remove(fault)
                    return fault
        return None

    def reset(self) -> None:
        """Begin a new day: nothing used, no faults."""
        with self.lock:
            self.searches = self.units = self.refused = self.requests = self.probes = 0
            self.by_resource.clear()
            self.faults.clear()

    def report(self) -> dict[str, Any]:
        with self.lock:
            return {
                "searches": self.searches,
                "units": self.units,
                "refused": self.refused,
                "requests": self.requests,
                "probes": self.probes,
                "by_resource": dict(self.by_resource),
            }
