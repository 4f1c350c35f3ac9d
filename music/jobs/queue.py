"""The queue that wakes workers. Nothing is lost with it: what there is to do stands in our tables.

Without ``JOB_REDIS_URL`` it is a SQLite file in ``STATE_DIR`` for the consumer that ``serve``
starts; with it, a Redis that consumers on several machines share.
"""

import logging
import sqlite3
import threading
from pathlib import Path

from django.conf import settings
from huey import Huey, RedisHuey, SqliteHuey
from huey.api import TaskWrapper

NAME = "tunetrace"
FILE_NAME = "queue.db"
_REDIS_READS_SECONDS = 1
_REDIS_TIMEOUTS = "socket_timeout=3&socket_connect_timeout=1"
_FILE_TIMEOUT_SECONDS = 1.0

logger = logging.getLogger(__name__)

_waking = threading.Lock()
"""The queue has one connection a process, which no thread may close while another one uses it."""
stopping = threading.Event()
"""Set in a consumer that is about to end: work in hand stops after its next step."""


def find_file() -> Path:
    """Where the queue is kept without a Redis."""
    return Path(settings.STATE_DIR) / FILE_NAME


def _make_queue() -> Huey:
    # Nobody reads results: what came of a job stands in its row.
    if settings.JOB_REDIS_URL:
        mark = "&" if "?" in settings.JOB_REDIS_URL else "?"
        return RedisHuey(
            NAME,
            results=False,
            url=f"{settings.JOB_REDIS_URL}{mark}{_REDIS_TIMEOUTS}",
            read_timeout=_REDIS_READS_SECONDS,
        )
    return SqliteHuey(
        NAME,
        results=False,
        filename=str(find_file()),
        fsync=False,
        timeout=_FILE_TIMEOUT_SECONDS,
        create_tables=False,
    )


queue = _make_queue()


def prepare() -> None:
    """Make the queue's file ready for a consumer; one that is damaged is thrown away."""
    if settings.JOB_REDIS_URL:
        return
    find_file().parent.mkdir(parents=True, exist_ok=True)
    if problem := find_damage():
        logger.warning("the queue's file is damaged (%s): a new one is made", problem)
        for suffix in ("", "-wal", "-shm"):
            find_file().with_name(FILE_NAME + suffix).unlink(missing_ok=True)
    queue.storage.initialize_schema()


def find_damage() -> str:
    """What is wrong with the queue's file; empty where nothing is, or there is none."""
    if settings.JOB_REDIS_URL or not find_file().exists():
        return ""
    try:
        connection = sqlite3.connect(find_file(), timeout=_FILE_TIMEOUT_SECONDS)
        try:
            [verdict] = connection.execute("PRAGMA quick_check").fetchone()
        finally:
            connection.close()
    except sqlite3.OperationalError:  # somebody is writing: it is in use
        return ""
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if verdict == "ok" else verdict


def wake(task: TaskWrapper, *arguments: str) -> None:
    """Have a worker run ``task`` soon. Never raises: what is not woken is found within a minute."""
    try:
        with _waking:
            try:
                task(*arguments)
            finally:
                # The next one opens the file that is there then: this one may be replaced.
                queue.storage.close()
    except Exception as error:
        logger.warning("no worker could be woken for %s: %s", task.task_class.__name__, error)
