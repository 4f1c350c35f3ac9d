"""A queue for the one writer that SQLite allows.

SQLite's own waiting sleeps up to 100 ms between tries, so that under load some writer starves for
seconds. Here writers wait for an ``flock`` first, trying every half millisecond; the kernel frees
it when its holder dies.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from .databases import SQLITE
from .failures import QueueTimeout
from .marks import state_path

_PAUSE_SECONDS = 0.0005


@contextmanager
def writer_turn(alias: str, timeout_seconds: float = 1.0) -> Iterator[None]:
    """Hold the turn to write; at once for PostgreSQL, and inside a transaction.

    Raises ``QueueTimeout`` when the turn has not come after ``timeout_seconds``.
    """
    if alias != SQLITE or connections[alias].in_atomic_block:
        yield
        return
    descriptor = os.open(state_path("sqlite.queue"), os.O_CREAT | os.O_RDWR, 0o644)
    try:
        _wait_for(descriptor, time.monotonic() + timeout_seconds)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise QueueTimeout("no turn to write to SQLite") from None
            time.sleep(_PAUSE_SECONDS)
