"""A queue for the single writer that SQLite allows.

SQLite's own waiting sleeps up to 100 ms between tries, so that under load some writer starves for
seconds. Here writers wait for a lock first, which the kernel frees when its holder dies. Only the
next writer in the queue tries often: many who do would take processor time from the one who writes.
A writer gets a turn only after being next, so a writer that wants another turn cannot jump the
queue.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar

from django.db import connections

from tunetrace_site.machine.files import state_path
from tunetrace_site.machine.locks import FileLock

from .databases import SQLITE, has_sqlite
from .failures import QueueTimeout

# The first file of STATE_DIR that a first start creates and keeps.
FIRST_STATE_FILE = "sqlite.next"
_PAUSE_OF_NEXT_SECONDS = 0.0003
_PAUSE_OF_OTHERS_SECONDS = 0.002

_has_turn: ContextVar[bool] = ContextVar("has_turn_to_write", default=False)


@contextmanager
def writer_turn(alias: str, timeout_seconds: float = 1.0) -> Iterator[None]:
    """Hold the turn to write in the block; at once for PostgreSQL and inside a turn or transaction.

    Raises ``QueueTimeout`` when the turn has not come after ``timeout_seconds``.
    """
    is_queued = alias == SQLITE and has_sqlite()
    if not is_queued or _has_turn.get() or connections[alias].in_atomic_block:
        yield
        return
    deadline = time.monotonic() + timeout_seconds
    with ExitStack() as turn:
        with _locked(FIRST_STATE_FILE, _PAUSE_OF_OTHERS_SECONDS, deadline):
            turn.enter_context(_locked("sqlite.turn", _PAUSE_OF_NEXT_SECONDS, deadline))
        token = _has_turn.set(True)
        try:
            yield
        finally:
            _has_turn.reset(token)


@contextmanager
def _locked(name: str, pause_seconds: float, deadline: float) -> Iterator[None]:
    lock = FileLock(state_path(name))
    try:
        while not lock.try_acquire():
            if time.monotonic() > deadline:
                raise QueueTimeout("no turn to write to SQLite")
            time.sleep(pause_seconds)
        yield
    finally:
        lock.release()
