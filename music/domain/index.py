"""The fitted recommender that this process serves from: always the newest one that was built.

A missing or corrupt index is never an error: a small one of the best known songs is fitted at once
and served until the builder, started in the background, has replaced it.
"""

import logging
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings

from music.recommender.snapshot import Snapshot
from music.recommender.snapshot_files import (
    SnapshotCorrupt,
    SnapshotMissing,
    current_version,
    load_snapshot,
)

from . import training

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 1.0
SMALL_INDEX_SONGS = 800
BUILD_COMMAND = (sys.executable, str(settings.BASE_DIR / "manage.py"), "build_index", "--quiet")
FETCH = "--fetch"


_Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Served:
    snapshot: Snapshot
    stamp: _Stamp
    built_at: datetime
    is_small: bool = False


_served: _Served | None = None
_looked_at = 0.0
_lock = threading.Lock()


def get_snapshot() -> Snapshot:
    """Return the newest snapshot; looks for a newer one at most once a second."""
    return _get_served().snapshot


def get_version() -> str:
    """Return the version of the snapshot in use, which is part of all cache keys of suggestions."""
    return _get_served().snapshot.version


def get_built_at() -> datetime:
    """Return when the snapshot was built (UTC); songs stored later are not in it."""
    return _get_served().built_at


def is_being_built() -> bool:
    """Return whether only the small index is served, until the first whole one is built."""
    return _get_served().is_small


def forget() -> None:
    """Look for an index again at the next request: for tests and after a restore."""
    global _served
    _served = None


def _get_served() -> _Served:
    global _looked_at
    served, now = _served, time.monotonic()
    if served is not None and now - _looked_at < LOOK_EVERY_SECONDS:
        return served
    with _lock:
        _looked_at = now
        served = _served
        if served is None or served.stamp != _read_stamp():
            served = _load()
            _replace(served)
        return served


def _replace(served: _Served) -> None:
    global _served
    _served = served
    logger.info("serving index %s of %d songs", served.snapshot.version, served.snapshot.n_songs)


def _read_stamp() -> _Stamp:
    """Return a stamp of the index files that changes when they do; empty when there are none.

    It also notices other changes of the files, which the workers have mapped into memory.
    """
    version = current_version(settings.INDEX_DIR) or ""
    try:
        folder = settings.INDEX_DIR / (version if version.isalnum() else "")
        files = [settings.INDEX_DIR / "CURRENT", *sorted(folder.glob("*.*"))]
        stats = [(file.name, file.stat()) for file in files]
    except OSError:
        return ()
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _load() -> _Served:
    stamp = _read_stamp()
    try:
        snapshot = load_snapshot(settings.INDEX_DIR)
        built_at = datetime.fromtimestamp(training.read_summary().began_at, UTC)
        return _Served(snapshot, stamp, built_at)
    except SnapshotMissing:
        logger.info("there is no index yet: only the best-known songs are suggested")
    except SnapshotCorrupt as error:
        logger.error("the index cannot be used, building it again: %s", error)
    built_at = datetime.now(UTC)
    small = training.build_small_snapshot(SMALL_INDEX_SONGS)
    start_build()
    return _Served(small, stamp, built_at, is_small=True)


def start_build() -> None:
    """Build the index in another process, so that no request shares its time or memory, or fetch
    that of all machines.
    """
    if settings.INDEX_AUTO_BUILD or settings.INDEX_STORE_URL:
        subprocess.Popen((*BUILD_COMMAND, FETCH), stdin=subprocess.DEVNULL, start_new_session=True)
