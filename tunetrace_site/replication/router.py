"""Chooses the database that answers a unit of work.

Django opens a bare ``atomic()`` on ``default``. Packages that use it would guard one database and,
by the router, write to the other; and they would fail when only the first one is broken. So a
transaction that names no database is opened on the database of the unit of work
(``follow_the_unit``).
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from .databases import ALONE, has_two_databases, in_order_of_preference
from .marks import is_behind, is_down
from .replica_reads import find_replica

_pinned: ContextVar[str | None] = ContextVar("pinned_database", default=None)
_read_incomplete: ContextVar[set[str] | None] = ContextVar("incomplete_reads", default=None)
_wrote_outside_unit: ContextVar[list[str] | None] = ContextVar("stray_writes", default=None)


def pinned_alias() -> str | None:
    """Return the database chosen for the running request or command; None before the choice."""
    return _pinned.get()


def current_alias() -> str:
    """Return the database that this unit of work reads and writes."""
    return _pinned.get() or (candidates(write=False)[0] if has_two_databases() else ALONE)


@contextmanager
def pinned(alias: str) -> Iterator[None]:
    """Read and write ``alias`` in the block."""
    token = _pinned.set(alias)
    try:
        yield
    finally:
        _pinned.reset(token)


def candidates(*, write: bool) -> list[str]:
    """Return the databases that may take a unit of work, best first; can be empty for a write.

    A database that is behind is never written to, and read only when there is nothing else.
    """
    order = in_order_of_preference()
    if len(order) == 1:
        return list(order)
    complete = [alias for alias in order if not is_behind(alias)]
    # A database marked as down that misses nothing may have come back just now.
    complete.sort(key=is_down)
    if write:
        return complete
    return complete + [alias for alias in order if alias not in complete]


@contextmanager
def noting_stray_writes() -> Iterator[list[str]]:
    """Yield a set that collects the databases the block writes to outside every unit of work."""
    strays: list[str] = []
    with _stray_writes_go_to(strays):
        yield strays


@contextmanager
def noting_incomplete_reads() -> Iterator[set[str]]:
    """Yield a set that collects the databases the block reads although they miss changes."""
    noted: set[str] = set()
    token = _read_incomplete.set(noted)
    try:
        yield noted
    finally:
        _read_incomplete.reset(token)


def inside_unit() -> AbstractContextManager[None]:
    """Count no write in the block as stray: the unit of work ships it."""
    return _stray_writes_go_to(None)


@contextmanager
def _stray_writes_go_to(strays: list[str] | None) -> Iterator[None]:
    token = _wrote_outside_unit.set(strays)
    try:
        yield
    finally:
        _wrote_outside_unit.reset(token)


class UnitRouter:
    """Sends every read and write of a unit of work to that unit's database.

    Objects may cross from one database to the other: a row has the same primary key in both. Reads
    outside units may go to a replica (``replica_reads.py``).
    """

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        alias, noted = current_alias(), _read_incomplete.get()
        if noted is not None and has_two_databases() and is_behind(alias):
            noted.add(alias)
        return find_replica(model) or alias

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        alias = current_alias()
        strays = _wrote_outside_unit.get()
        if strays is not None and alias not in strays:
            strays.append(alias)
        return alias

    def allow_relation(self, first: models.Model, second: models.Model, **hints: Any) -> bool:
        return True


def follow_the_unit() -> None:
    """Make ``django.db.transaction`` use ``current_alias()`` where it is told no database.

    That module gets every connection from one private function, and offers no setting for it.
    """
    transaction.get_connection = _get_connection


def _get_connection(using: str | None = None) -> BaseDatabaseWrapper:
    return connections[using or current_alias()]
