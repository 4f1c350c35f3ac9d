"""A thread of the consumer that looks for due work of which the queue said nothing.

So a lost queue, a killed worker or an unreachable Redis loses no work.
"""

import logging
import os
import signal
import threading

from django.db import connections

from music.domain.imports import list_open

from . import queue as queues
from .claims import release_of_the_dead
from .imports import run_import
from .queue import wake
from .registry import Job
from .scheduled import list_due, run_job, run_scheduled

LOOK_EVERY_SECONDS = 20.0

logger = logging.getLogger(__name__)


def look_beside() -> None:
    """Look for work from now on, in a thread of this process."""
    threading.Thread(target=_look_again_and_again, name="looking", daemon=True).start()


def look_for_work() -> None:
    """Wake workers for all that is due, and run what each machine does for itself."""
    release_of_the_dead()
    shared = []
    for job in list_due():
        if job.is_of_machine:
            threading.Thread(target=_run_and_close, args=[job], daemon=True).start()
        else:
            shared.append(job)
    if _is_busy():
        return
    for job in shared:
        wake(run_scheduled, job.name)
    for token in list_open():
        wake(run_import, token)


def _is_busy() -> bool:
    """Return whether the queue still holds messages that no worker has taken."""
    try:
        return queues.queue.pending_count() > 0
    except Exception as error:
        logger.warning("the queue cannot be read: %s", error)
        return False


def _run_and_close(job: Job) -> None:
    try:
        run_job(job)
    except Exception:
        logger.exception("a job of this machine could not be run")
    finally:
        connections.close_all()


def _look_again_and_again() -> None:
    while not queues.stopping.is_set():
        try:
            look_for_work()
        except Exception:
            logger.exception("looking for work failed; it is tried again")
        finally:
            connections.close_all()
        if problem := queues.find_damage():
            logger.error("the queue's file is damaged (%s): the consumer starts anew", problem)
            os.kill(os.getpid(), signal.SIGTERM)
        queues.stopping.wait(LOOK_EVERY_SECONDS)
