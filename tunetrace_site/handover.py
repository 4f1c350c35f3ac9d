"""A graceful reload: an old worker stops only when the new ones answer.

At a reload (SIGHUP) gunicorn starts new workers and tells the old ones to stop at once, while the
new ones still load the site: until they have loaded it, nobody would answer. Here a worker that is
told to stop goes on while a younger one is being started, for half a minute at most.

During a reload gunicorn waits for the old workers and ignores other signals. So that a site that is
told to end in that time does end, the waiting workers are told directly (``end_all_when_told``).
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
    """The workers that are being started, in memory shared by gunicorn and all its workers.

    It is made before the workers are forked. Workers are numbered in the order of their start.
    """

    def __init__(self) -> None:
        self._ages = memoryview(share_memory(8 * (_MAX_WORKERS + 1))).cast("q")

    def add(self, worker: Worker) -> None:
        """Record that ``worker`` is about to be forked."""
        self._ages[worker.age % _MAX_WORKERS] = worker.age

    def remove(self, worker: Worker) -> None:
        """Record that ``worker`` answers requests now, or has ended."""
        self._ages[worker.age % _MAX_WORKERS] = 0

    def has_younger_than(self, worker: Worker) -> bool:
        """Return whether a worker that will replace ``worker`` is still being started."""
        return not self._ages[_MAX_WORKERS] and any(age > worker.age for age in self._ages)

    def end(self) -> None:
        """Record that all workers are to end, so that none waits for its replacement."""
        self._ages[_MAX_WORKERS] = 1


def end_all_when_told(server: Any, starting: StartingWorkers) -> None:
    """Make SIGTERM, SIGINT and SIGQUIT end workers that wait for a replacement or were just forked.

    Called in gunicorn's master process, whose signals these are.
    """
    first = os.getpid()

    def end(number: int, frame: Any) -> None:
        if os.getpid() != first:
            # A new worker inherits this handler until it sets its own, and has no requests yet.
            os._exit(0)
        starting.end()
        server.signal(number, frame)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, end)


def stop_when_relieved(worker: Worker, starting: StartingWorkers) -> None:
    """Make SIGTERM stop ``worker``, in whose process this is called, once others answer."""
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
