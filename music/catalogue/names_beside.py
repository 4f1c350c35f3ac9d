"""Keeps the file of song names of a machine without SQLite up to date, beside requests.

Elsewhere the job ``build_index`` does it, which has a row for each machine. Machines without SQLite
come and go and share the rows of jobs, so that one of them does the job; the file is each one's.
"""

import logging
import threading

from django.db import connections

from tunetrace_site.machine.leader import leading
from tunetrace_site.replication.databases import has_sqlite

from . import name_keeping

LOOK_EVERY_SECONDS = 120.0

logger = logging.getLogger(__name__)


def keep_names_beside() -> None:
    """From now on write the file when it is outdated, in a thread of one process of the machine.

    Does nothing on a machine with SQLite.
    """
    if not has_sqlite():
        threading.Thread(target=keep_names, name="names", daemon=True).start()


def keep_names(stop: threading.Event | None = None) -> None:
    """Keep the file up to date until ``stop`` is set, once no other process of the machine does."""
    stop = stop or threading.Event()
    with leading("song_names.keeper", stop):
        while not stop.wait(LOOK_EVERY_SECONDS):
            try:
                name_keeping.bring_up_to_date()
            except Exception:
                logger.exception("the song names could not be brought up to date")
            finally:
                connections.close_all()
