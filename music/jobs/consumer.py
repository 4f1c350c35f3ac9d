"""The process that runs jobs when the queue wakes it: a few threads, no processes."""

from typing import Any

from django.conf import settings
from django.db import connections
from huey.consumer import Consumer as HueyConsumer

from .queue import queue, stopping

SHUTDOWN_SECONDS = 20.0
MAX_PAUSE_SECONDS = 0.5
"""The longest pause of an idle worker between two reads of the queue's file."""


class Consumer(HueyConsumer):
    """Huey's consumer: SIGTERM lets running jobs end after their next step."""

    def __init__(self, n_threads: int | None = None) -> None:
        super().__init__(
            queue,
            workers=n_threads or settings.JOB_THREADS or 1,
            periodic=False,
            max_delay=MAX_PAUSE_SECONDS,
            shutdown_timeout=SHUTDOWN_SECONDS,
            graceful_signal="TERM",
        )

    def stop(self, graceful: bool = False) -> None:
        """Let every worker end; called by the handler of a signal."""
        stopping.set()
        super().stop(graceful=graceful)


@queue.post_execute()
def close_connections(*_: Any) -> None:
    """Close a worker thread's connections to databases between two jobs."""
    connections.close_all()
