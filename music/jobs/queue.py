"""The queue that wakes workers. Nothing is lost with it: the work is described in our tables.

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

from music.caching.redis_servers import open_pool

NAME = "tunetrace"
FILE_NAME = "queue.db"
_REDIS_READS_SECONDS = 1
_REDIS_TIMEOUTS = {"socket_timeout": 3, "socket_connect_timeout": 1}
_FILE_TIMEOUT_SECONDS = 1.0

logger = logging.getLogger(__name__)

_waking = threading.Lock()
"""The queue has one connection per process, which only one thread may use or close at a time."""
stopping = threading.Event()
"""Set in a consumer that is about to end: running jobs stop after their next step."""


def find_file() -> Path:
    """Return the path of the queue's SQLite file, used without a Redis."""
    return Path(settings.STATE_DIR) / FILE_NAME


def _make_queue() -> Huey:
    # Results are not stored here: each job writes its result to its row.
    if settings.JOB_REDIS_URL:
        return RedisHuey(
            NAME,
            results=False,
            connection_pool=open_pool(settings.JOB_REDIS_URL, **_REDIS_TIMEOUTS),
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
    """Prepare the queue's file for a consumer; a damaged file is deleted."""
    if settings.JOB_REDIS_URL:
        return
    find_file().parent.mkdir(parents=True, exist_ok=True)
    if problem := find_damage():
        logger.warning("the queue's file is damaged (%s): a new one is made", problem)
        for suffix in ("", "-wal", "-shm"):
            find_file().with_name(FILE_NAME + suffix).unlink(missing_ok=True)
    queue.storage.initialize_schema()


def find_damage() -> str:
    """Return what is wrong with the queue's file; empty if nothing is, or there is no file."""
    if settings.JOB_REDIS_URL or not find_file().exists():
        return ""
    try:
        connection = sqlite3.connect(find_file(), timeout=_FILE_TIMEOUT_SECONDS)
        try:
            [verdict] = connection.execute("PRAGMA quick_check").fetchone()
        finally:
            connection.close()
    except sqlite3.OperationalError:  # somebody is writing, so it is sound
        return ""
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if verdict == "ok" else verdict


def wake(task: TaskWrapper, *arguments: str) -> None:
    """Have a worker run ``task`` soon.

    Never raises: work that is not woken is found in a minute.
    """
    try:
        with _waking:
            try:
                task(*arguments)
            finally:
                # The next call opens the file that is there then: this one may be replaced.
                queue.storage.close()
    except Exception as error:
        logger.warning("no worker could be woken for %s: %s", task.task_class.__name__, error)
