"""Django's ``default`` cache: state shared by all workers, such as counts of wrong passwords.

It is in Redis, for all machines; without it, or while it is down, in a file of this machine, for
all its processes. ``add`` is atomic in both. Values are JSON: text, numbers, lists of them.
"""

import json
import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from redis import Redis

from . import parts

FILE_NAME = "site_cache.db"
MAX_ENTRIES = 100_000
CLEAN_EVERY = 200
"""One write in this many deletes expired entries, and the oldest beyond the limit."""

logger = logging.getLogger(__name__)

Answer = tuple[Any]


class SiteCache(BaseCache):
    """Redis behind the breaker, else a SQLite file in ``STATE_DIR``; never raises to a caller.

    With neither, nothing is stored: ``add`` then returns True.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def add(
        self,
        key: str,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        return self._store(key, value, timeout, version, only_new=True)

    def set(
        self,
        key: str,
        value: Any,
        timeout: Any = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        self._store(key, value, timeout, version, only_new=False)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        name = self.make_and_validate_key(key, version=version)
        text = _ask(lambda redis: redis.get(_in_redis(name)), lambda file: _read(file, name))
        return default if text is None else json.loads(text)

    def delete(self, key: str, version: int | None = None) -> bool:
        name = self.make_and_validate_key(key, version=version)
        gone = _ask(lambda redis: redis.delete(_in_redis(name)), lambda file: _delete(file, name))
        return bool(gone)

    def clear(self) -> None:
        _ask(_clear_redis, lambda file: file.execute("DELETE FROM entries"))

    def _store(
        self, key: str, value: Any, timeout: Any, version: int | None, *, only_new: bool
    ) -> bool:
        name = self.make_and_validate_key(key, version=version)
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        if seconds is not None and seconds <= 0:
            return only_new or self.delete(key, version=version)
        text = json.dumps(value)
        milliseconds = None if seconds is None else max(1, int(seconds * 1000))
        stored = _ask(
            lambda redis: redis.set(_in_redis(name), text, px=milliseconds, nx=only_new) or 0,
            lambda file: _write(file, name, text, seconds, only_new),
        )
        return stored is None or bool(stored)


def _ask(ask_redis: Callable[[Redis], Any], ask_file: Callable[[sqlite3.Connection], Any]) -> Any:
    """Return the answer of Redis, or of the file where Redis fails; None from neither."""
    answer = parts.client.call(lambda redis: (ask_redis(redis),))
    if answer is not None:
        return answer[0]
    try:
        with _open_file() as file:
            return ask_file(file)
    except (sqlite3.Error, OSError) as error:
        logger.warning("%s cannot be used: %s", FILE_NAME, error)
        return None


def _in_redis(name: str) -> str:
    return f"site:{name}"


def _clear_redis(redis: Redis) -> int:
    names = list(redis.scan_iter(match="site:*", count=1000))
    return redis.delete(*names) if names else 0


@contextmanager
def _open_file() -> Iterator[sqlite3.Connection]:
    """Open a connection for this call alone: threads and forked processes share none."""
    path = Path(settings.STATE_DIR) / FILE_NAME
    is_new = not path.exists()
    if is_new:
        path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous=OFF")
        if is_new:
            path.chmod(0o600)
        file.execute(
            "CREATE TABLE IF NOT EXISTS entries "
            "(name TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at REAL) WITHOUT ROWID"
        )
        yield file


def _read(file: sqlite3.Connection, name: str) -> str | None:
    query = "SELECT value FROM entries WHERE name = ? AND (expires_at IS NULL OR expires_at > ?)"
    row = file.execute(query, (name, time.time())).fetchone()
    return row and row[0]


def _write(
    file: sqlite3.Connection, name: str, text: str, seconds: float | None, only_new: bool
) -> int:
    now = time.time()
    if random.randrange(CLEAN_EVERY) == 0:
        _clean(file, now)
    overwritten = "WHERE entries.expires_at <= ?" if only_new else "WHERE ? > 0"
    written = file.execute(
        "INSERT INTO entries VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET "  # noqa: S608
        f"value = excluded.value, expires_at = excluded.expires_at {overwritten}",
        (name, text, None if seconds is None else now + seconds, now),
    )
    return written.rowcount


def _delete(file: sqlite3.Connection, name: str) -> int:
    return file.execute("DELETE FROM entries WHERE name = ?", (name,)).rowcount


def _clean(file: sqlite3.Connection, now: float) -> None:
    file.execute("DELETE FROM entries WHERE expires_at <= ?", (now,))
    n_beyond = file.execute("SELECT count(*) FROM entries").fetchone()[0] - MAX_ENTRIES
    if n_beyond > 0:
        soonest = "SELECT name FROM entries ORDER BY expires_at LIMIT ?"
        file.execute(f"DELETE FROM entries WHERE name IN ({soonest})", (n_beyond,))  # noqa: S608
