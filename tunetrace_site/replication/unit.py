"""Units of work, which are the only place where a transaction begins.

A unit reads and writes one database. When it commits, the rows it changed are written to the other
database before the caller is told; if that one cannot take them it is marked as behind, and the
relay brings it up to date.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db import connections, transaction

from .databases import ALONE, alias_of, has_two_databases, other
from .failures import (
    DATABASE_ERRORS,
    ConnectionLost,
    FileTakenAway,
    Meaning,
    QueueTimeout,
    Unavailable,
    diagnose,
    is_overtaken,
    is_worth_a_new_connection,
    may_run_again,
    vendor_of,
)
from .images import RowImage, read_images
from .log import begin_capture, read_own_changes
from .marks import Mark, is_behind, is_down, read_halts, set_marks
from .replica_reads import note_unit
from .router import candidates, current_alias, inside_unit, pinned, pinned_alias
from .write_queue import writer_turn
from .write_through import write_through

Result = TypeVar("Result")
View = TypeVar("View", bound=Callable)

# Of several equal requests at once one succeeds each time; the others then find its result.
_MAX_RUNS = 5
_PAUSE_SECONDS = 0.005
# The seconds a unit waits for its turn to write to SQLite, with and without another database.
_PATIENCE_SECONDS = 1.0
_PATIENCE_ALONE_SECONDS = 5.0

_after_commit: ContextVar[list[Callable[[], None]] | None] = ContextVar("after", default=None)

__all__ = [
    "current_alias",
    "manages_own_units",
    "on_commit",
    "run_pinned",
    "run_unit",
    "undo_unit",
    "unit_of_work",
    "view_manages_own_units",
]


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit everything inside together, or nothing; nested units are savepoints.

    With two databases, the other one holds the changes too when the outermost unit ends, or it is
    marked as behind. Raises ``Unavailable`` when only a database that is behind could be written.
    """
    alias = current_alias()
    if connections[alias].in_atomic_block:
        with transaction.atomic(using=alias):
            yield
        return
    note_unit()
    with pinned(alias), _hooks_run_last():
        if has_two_databases():
            with _mirrored_transaction(alias):
                yield
        else:
            with writer_turn(alias, _PATIENCE_ALONE_SECONDS), transaction.atomic(using=alias):
                yield


@contextmanager
def _mirrored_transaction(alias: str) -> Iterator[None]:
    """Run a transaction on ``alias`` and write its changes through once it has committed."""
    images: list[RowImage] = []
    with _turn_to_write(alias), inside_unit(), transaction.atomic(using=alias):
        begun_at = begin_capture(alias)
        yield
        if connections[alias].closed_in_transaction:
            raise ConnectionLost(f"the connection to {alias} broke during the unit")
        if not connections[alias].needs_rollback:
            images = read_images(alias, read_own_changes(alias, begun_at))
    if images:
        write_through(alias, other(alias), images)


@contextmanager
def _turn_to_write(alias: str) -> Iterator[None]:
    """Wait for a turn to write to SQLite, longer where there is no other database.

    Raises ``Unavailable`` for a database that is behind.
    """
    peer = other(alias)
    has_alternative = not (is_down(peer) or is_behind(peer))
    with writer_turn(alias, _PATIENCE_SECONDS if has_alternative else _PATIENCE_ALONE_SECONDS):
        if is_behind(alias):
            raise Unavailable(f"{alias} misses changes and cannot be written")
        if halts := read_halts():
            raise Unavailable("; ".join(halts))
        yield


def on_commit(action: Callable[[], None]) -> None:
    """Run ``action`` once the outermost unit has committed; at once outside a unit."""
    alias, hooks = current_alias(), _after_commit.get()
    if hooks is None:
        transaction.on_commit(action, using=alias)
    else:
        # Django drops it when a savepoint around it is rolled back. It runs after write-through,
        # and when the next writer has its turn: sending a mail must not hold up other writes.
        transaction.on_commit(lambda: hooks.append(action), using=alias)


@contextmanager
def _hooks_run_last() -> Iterator[None]:
    hooks: list[Callable[[], None]] = []
    token = _after_commit.set(hooks)
    try:
        yield
    finally:
        _after_commit.reset(token)
    for hook in hooks:
        hook()


def run_unit(action: Callable[[], Result], write: bool = True) -> Result:
    """Run ``action`` on the best database, and again on the other if that one is unavailable.

    It runs again on the same one where another transaction came first (``is_overtaken``), or once
    over a new connection to PostgreSQL. With ``write`` the whole action is one unit of work;
    without, it may only read (and can be answered by a database that is behind, when there is no
    other). The action may run more than once: it must not keep what it read in an earlier run.
    Raises ``Unavailable``, or the database's own error where there is only one.
    """

    def as_unit() -> Result:
        with unit_of_work():
            return action()

    return run_pinned(as_unit if write else action, write=write)


def run_pinned(action: Callable[[], Result], *, write: bool) -> Result:
    """Run ``action``, which opens its units itself, on the best database, as ``run_unit`` does.

    Where a database is pinned already, the action simply runs.
    """
    if pinned_alias() is not None:
        return action()
    if not has_two_databases():
        return _run_on(ALONE, action)
    reason: BaseException | None = None
    n_runs: Counter[str] = Counter()
    busy: set[str] = set()
    # Asked anew each time: while this waited for one database, the other may have come back.
    while left := [a for a in candidates(write=write) if n_runs[a] < (2 if a in busy else 1)]:
        alias = min(left, key=lambda candidate: n_runs[candidate])
        n_runs[alias] += 1
        try:
            with pinned(alias):
                return _run_on(alias, action)
        except (*DATABASE_ERRORS, Unavailable) as error:
            if not may_run_again(error):
                raise
            reason = error
            _mark_guilty(alias, error)
            if isinstance(error, QueueTimeout):
                # Busy rather than broken: the last resort, if the other database fails too.
                busy.add(alias)
    raise Unavailable("neither database can take this now") from reason


def _run_on(alias: str, action: Callable[[], Result]) -> Result:
    """Run on one database; again after a collision, or once over a new connection."""
    n_runs = 0
    while True:
        n_runs += 1
        was_connected = connections[alias].connection is not None
        try:
            return action()
        except DATABASE_ERRORS as error:
            meaning = diagnose(error)
            if n_runs < _MAX_RUNS and (meaning is Meaning.COLLISION or is_overtaken(error)):
                _let_the_other_finish(n_runs)
                continue
            if meaning is Meaning.UNAVAILABLE and not connections[alias].in_atomic_block:
                connections[alias].close()
                # A server that was restarted is fine, but has left a dead connection behind.
                if was_connected and n_runs == 1 and is_worth_a_new_connection(error):
                    continue
            raise


def _let_the_other_finish(n_runs: int) -> None:
    """Wait a random moment: units that collided would collide again if all returned at once."""
    time.sleep(random.random() * n_runs * _PAUSE_SECONDS)


def _mark_guilty(alias: str, error: BaseException) -> None:
    if isinstance(error, (Unavailable, FileTakenAway)) or diagnose(error) is Meaning.COLLISION:
        # Taken away: others still have the file open, and go on. Collisions: the database is busy.
        return
    vendor = vendor_of(error)
    set_marks(alias_of(vendor) if vendor else alias, Mark.DOWN)


def undo_unit() -> None:
    """Make the innermost open unit roll back."""
    transaction.set_rollback(True, using=current_alias())


def manages_own_units(view: View) -> View:
    """Declare that a view is slow (network, passwords), so it may not run as one unit of work.

    The view opens units where it writes. Decorates a function, or a class with ``as_view``.
    """
    view.manages_own_units = True  # type: ignore[attr-defined]  # of a function
    return view


def view_manages_own_units(view: Callable) -> bool:
    """Return whether the view, or the class it was made from, was declared so."""
    made_from = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return any(getattr(declared, "manages_own_units", False) for declared in (view, made_from))
