"""Leader election among the processes of one machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .files import state_path
from .locks import FileLock

TRY_EVERY_SECONDS = 0.5


@contextmanager
def leading(name: str, stop: threading.Event | None = None) -> Iterator[bool]:
    """Wait to be the only process of this machine that leads ``name``, for as long as the block.

    Yields False when ``stop`` was set before that. When a leader dies, another one leads half a
    second later. Raises ``OSError`` when ``STATE_DIR`` cannot be written.
    """
    stop = stop or threading.Event()
    lock = FileLock(state_path(name))
    try:
        while not (leads := lock.try_acquire()) and not stop.wait(TRY_EVERY_SECONDS):
            pass
        yield leads
    finally:
        lock.release()
