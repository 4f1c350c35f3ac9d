"""Named circuit breakers, asked before every call that can hang.

``closed``: calls pass. ``open``: the last calls failed, so nobody tries. ``half-open``: one trial
is under way. With a ``probe`` the trial is made by a background thread, so that no request ever
waits for something known to be down; without one, a single caller makes it.
"""

import logging
import math
import os
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

State = Literal["closed", "open", "half-open"]
Probe = Callable[[], object]

logger = logging.getLogger(__name__)
_PROBING = math.inf
_registry: "weakref.WeakValueDictionary[str, Breaker]" = weakref.WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class BreakerReport:
    """The state of one breaker for operators; times are ``time.time()`` seconds."""

    name: str
    state: State
    n_failures: int
    n_opened: int
    last_failed_at: float | None


class Breaker:
    """A circuit breaker of this process; safe for use by many threads.

    ``failure_threshold`` consecutive failures open it. ``reset_seconds`` later comes the first
    trial, and after a failed trial the next one. ``probe`` is a call that raises while the called
    service is still down; it must have its own time-out.
    """

    def __init__(
        self,
        name: str,
        failure_threshold: int = 1,
        reset_seconds: float = 5.0,
        probe: Probe | None = None,
    ) -> None:
        if failure_threshold < 1 or reset_seconds <= 0:
            raise ValueError("failure_threshold must be at least 1 and reset_seconds positive")
        self.name = name
        self.failure_threshold = failure_threshold
        self.reset_seconds = reset_seconds
        self._probe = probe
        self._retry_at = 0.0  # 0: closed; _PROBING: a background thread decides
        self._on_trial = False
        self._consecutive = 0
        self._n_failures = 0
        self._n_opened = 0
        self._last_failed_at: float | None = None
        self._lock = threading.Lock()
        _registry[name] = self

    def allow(self) -> bool:
        """Return whether the caller may make the call now (0.05 microseconds closed, 0.15 open).

        After ``True`` the caller reports with ``record_success`` or ``record_failure``.
        """
        return not self._retry_at or (time.monotonic() >= self._retry_at and self._admit_trial())

    def record_success(self) -> None:
        """Record a call that worked; one begun before the breaker opened does not close it."""
        if self._consecutive or self._on_trial:
            with self._lock:
                if not self._retry_at or (self._on_trial and self._probe is None):
                    self._close()

    def record_failure(self) -> None:
        """Record a call whose failure says that the other side is down or too slow."""
        with self._lock:
            self._n_failures += 1
            self._last_failed_at = time.time()
            self._consecutive += 1
            if self._retry_at == _PROBING:
                return
            if self._on_trial or self._consecutive >= self.failure_threshold:
                self._open()

    @property
    def state(self) -> State:
        """``closed``, ``open`` or ``half-open`` at this moment."""
        if not self._retry_at:
            return "closed"
        return "half-open" if self._on_trial else "open"

    def report(self) -> BreakerReport:
        """Return the present state for the admin and the metrics."""
        return BreakerReport(
            name=self.name,
            state=self.state,
            n_failures=self._n_failures,
            n_opened=self._n_opened,
            last_failed_at=self._last_failed_at,
        )

    def _admit_trial(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if not self._retry_at:
                return True
            if now < self._retry_at:
                return False
            # A trial that never reports back is followed by another one, not waited for.
            self._retry_at = now + self.reset_seconds
            self._on_trial = True
            return True

    def _open(self) -> None:
        if self._retry_at and not self._on_trial:
            return
        if not self._retry_at:
            self._n_opened += 1
            logger.warning("Breaker %s opened after %d failure(s)", self.name, self._consecutive)
        self._on_trial = False
        if self._probe is None:
            self._retry_at = time.monotonic() + self.reset_seconds
        else:
            self._retry_at = _PROBING
            self._start_probing()

    def _close(self) -> None:
        if self._retry_at:
            logger.warning("Breaker %s closed", self.name)
        self._retry_at = 0.0
        self._on_trial = False
        self._consecutive = 0

    def _start_probing(self) -> None:
        threading.Thread(
            target=_probe_until_closed,
            args=(weakref.ref(self), self.reset_seconds),
            name=f"probe-{self.name}",
            daemon=True,
        ).start()

    def _probe_once(self) -> bool:
        self._on_trial = True
        try:
            cast(Probe, self._probe)()
        except Exception as error:
            logger.debug("Breaker %s: probe failed: %s", self.name, error)
            self._on_trial = False
            return False
        with self._lock:
            self._close()
        return True

    def _resume_after_fork(self) -> None:
        # Only the forking thread exists in the child: locks may be held by threads that do not, and
        # the probing thread is gone.
        self._lock = threading.Lock()
        self._on_trial = False
        if self._retry_at == _PROBING:
            self._start_probing()


def list_breakers() -> list[Breaker]:
    """Return every breaker of this process, by name."""
    return sorted(_registry.values(), key=lambda breaker: breaker.name)


def _probe_until_closed(reference: "weakref.ref[Breaker]", period_seconds: float) -> None:
    while True:
        time.sleep(period_seconds)
        breaker = reference()
        if breaker is None or breaker._probe_once():
            return
        del breaker  # sleeping must not keep an unused breaker alive


def _resume_all_after_fork() -> None:
    for breaker in list_breakers():
        breaker._resume_after_fork()


os.register_at_fork(after_in_child=_resume_all_after_fork)
