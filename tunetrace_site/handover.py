"""A worker that is relieved goes when those that relieve it answer, not before.

At a reload (SIGHUP) gunicorn starts new workers and tells the old ones to stop at once, while the
new ones still load the site: for as long as that takes nobody would answer. Here a worker that is
told to stop goes on as long as a younger one is being started, half a minute at most.

While gunicorn reloads it waits for the old workers and heeds no other signal. So that a site that
is told to end in that time does, whoever waits is told so past gunicorn (``end_all_when_told``).
"""

import os
import signal
import threading
import time
from typing import Any

from gunicorn.workers.base import Worker

from .machine.files import share_memory

LONGEST_SECONDS = 30.0
_PAUSE_SECONDS = 0.02
_MAX_WORKERS = 256


class StartingWorkers:
    """Which workers are being started, in memory that gunicorn and all its workers share.

    Made before the workers are forked. A worker's age is its number: younger ones have greater.
    """

    def __init__(self) -> None:
        self._ages = memoryview(share_memory(8 * (_MAX_WORKERS + 1))).cast("q")

    def add(self, worker: Worker) -> None:
        """Note that ``worker`` is about to be forked."""
        self._ages[worker.age % _MAX_WORKERS] = worker.age

    def remove(self, worker: Worker) -> None:
        """Note that ``worker`` answers now as fast as ever, or has ended."""
        self._ages[worker.age % _MAX_WORKERS] = 0

    def has_younger_than(self, worker: Worker) -> bool:
        """Whether a worker that relieves ``worker`` does not answer yet, and one day will."""
        return not self._ages[_MAX_WORKERS] and any(age > worker.age for age in self._ages)

    def end(self) -> None:
        """Note that all workers are to end: nobody waits to be relieved any more."""
        self._ages[_MAX_WORKERS] = 1


def end_all_when_told(server: Any, starting: StartingWorkers) -> None:
    """Let SIGTERM, SIGINT and SIGQUIT to gunicorn's first process, in which this is called, end
    workers that wait to be relieved, and those that were forked a moment ago.
    """
    first = os.getpid()

    def end(number: int, frame: Any) -> None:
        if os.getpid() != first:
            # A worker has this handler, and nothing in hand, until it sets its own.
            os._exit(0)
        starting.end()
        server.signal(number, frame)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, end)


def stop_when_relieved(worker: Worker, starting: StartingWorkers) -> None:
    """Let SIGTERM stop ``worker``, in whose process this is called, when others answer."""
    ends_at: float | None = None

    def stop(number: int, frame: Any) -> None:
        nonlocal ends_at
        now = time.monotonic()
        if not starting.has_younger_than(worker) or (ends_at is not None and now > ends_at):
            worker.handle_exit(number, frame)
        elif ends_at is None:
            ends_at = now + LONGEST_SECONDS
            threading.Thread(target=ask_again, daemon=True).start()

    def ask_again() -> None:
        while worker.alive:
            time.sleep(_PAUSE_SECONDS)
            if not starting.has_younger_than(worker) or time.monotonic() > (ends_at or 0.0):
                os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
