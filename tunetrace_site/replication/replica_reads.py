"""Which reads of a request go to a replica of PostgreSQL, so that nobody misses a write of theirs.

Only safe requests to views of ``REPLICA_VIEWS`` read from replicas, and of those only rows of
``REPLICA_MODELS``: accounts, sessions, keys, quota and claims are read where they are written.
From the first unit of work of a request on, everything is read from the primary; so is what is kept
in a cache, where it would outlive its second, and what a name is found to mean (``on_primary``).

Whoever writes is noted where all machines look (``WriteNotes``, in Redis), and reads from the
primary for ``NOTE_SECONDS``. A replica that answers is a second behind at most, so that it has the
write by then. A note that cannot be written is made good by waiting until the replicas have it.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from django.conf import settings
from django.db import models
from django.http import HttpRequest

from tunetrace_site.machine.counters import Counter

from . import replica_health
from .databases import list_replicas
from .failures import DATABASE_ERRORS, is_unavailable

NOTE_SECONDS = 2 * replica_health.MAX_AGE_SECONDS
"""As long as a replica's data may be old, and once more for a request that began before."""
READS = Counter("replica_requests")
"""Requests that read from a replica (``tunetrace_replica_requests_total``)."""
FAILURES = Counter("replica_failures")
"""Requests that a replica failed, and the primary answered."""


class WriteNotes(Protocol):
    """Tells all machines who has written lately."""

    def remember(self, callers: list[str]) -> bool:
        """Note that they have written now; return whether that is certain."""

    def have_written(self, callers: list[str]) -> bool:
        """Return whether one of them has written lately, or nobody can tell."""


NameCallers = Callable[[HttpRequest], list[str]]

_kept: tuple[WriteNotes, NameCallers] | None = None


def use_notes(notes: WriteNotes, name_callers: NameCallers) -> None:
    """Keep notes of writers in ``notes``; nothing is read from replicas before this call.

    ``name_callers`` returns the names of whoever makes a request: the listener, the program.
    """
    global _kept
    _kept = notes, name_callers


class Reads:
    """Where one request reads: undecided until its first read that a replica may answer."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._replica: str | None = None
        self._is_decided = False
        self.is_allowed = False
        self.has_written = False
        self.n_held = 0

    @property
    def came_from_replica(self) -> bool:
        """Whether a replica has answered a part, or failed to."""
        return self._replica is not None

    def find_replica(self, model: type[models.Model]) -> str | None:
        """Return the replica that may answer for ``model`` now; None: the primary."""
        if not self.is_allowed or self.has_written or self.n_held:
            return None
        if model._meta.label_lower not in settings.REPLICA_MODELS:
            return None
        if not self._is_decided:
            self._is_decided = True
            self._replica = self._choose()
        alias = self._replica
        return alias if alias is not None and replica_health.may_use(alias) else None

    def give_up_replica(self, error: BaseException | None = None) -> bool:
        """Read from the primary from now on; return whether the request must be answered anew.

        ``error`` ended it; without one, the replica may have missed what was asked for.
        """
        alias, is_replicas = self._replica, self.came_from_replica and not self.has_written
        self.is_allowed = False
        self._replica = None
        if alias is not None and is_replicas and error is not None:
            FAILURES.increment()
            if is_unavailable(error):
                replica_health.leave_out(alias, error)
        return is_replicas

    def note_writer(self) -> None:
        """After a write, note who has written, so that their next reads are of the primary."""
        if self.has_written and not self._is_noted():
            replica_health.wait_until_replayed()

    def _is_noted(self) -> bool:
        if _kept is None:
            return False
        notes, name_callers = _kept
        try:
            return notes.remember(name_callers(self._request))
        except DATABASE_ERRORS:
            return False

    def _choose(self) -> str | None:
        used = replica_health.list_used()
        if not used or _kept is None:
            return None
        notes, name_callers = _kept
        if notes.have_written(name_callers(self._request)):
            return None
        READS.increment()
        return random.choice(used)


_reads: ContextVar[Reads | None] = ContextVar("reads", default=None)


@contextmanager
def reading(request: HttpRequest) -> Iterator[Reads]:
    """Decide in the block where each read of ``request`` goes; note at its end who has written."""
    reads = Reads(request)
    if not list_replicas():
        yield reads
        return
    replica_health.start_watching()
    token = _reads.set(reads)
    try:
        yield reads
    finally:
        _reads.reset(token)
        reads.note_writer()


def allow_replicas(view: Callable[..., Any]) -> None:
    """Let the request's view read from a replica, if it is one of ``REPLICA_VIEWS``."""
    reads = _reads.get()
    made_from = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    if reads is not None and made_from.__module__.startswith(settings.REPLICA_VIEWS):
        reads.is_allowed = True


def find_replica(model: type[models.Model]) -> str | None:
    """Return the replica that the running request may read ``model`` from; None: the primary."""
    reads = _reads.get()
    return reads.find_replica(model) if reads is not None else None


def came_from_replica() -> bool:
    """Return whether a replica has answered a part of the running request, or failed to."""
    reads = _reads.get()
    return reads is not None and reads.came_from_replica


def note_unit() -> None:
    """Note that the running request writes: what it reads from now on is read from the primary."""
    reads = _reads.get()
    if reads is not None:
        reads.has_written = True


@contextmanager
def on_primary() -> Iterator[None]:
    """Read from the primary in the block: what is read there is kept, or decides something."""
    reads = _reads.get()
    if reads is None:
        yield
        return
    reads.n_held += 1
    try:
        yield
    finally:
        reads.n_held -= 1
