"""One index for all machines: its builder publishes it to ``INDEX_STORE_URL``, the others fetch it.

The store is a folder or a bucket. In it ``format-N/VERSION/`` holds the files of a version, its
manifest last, and ``format-N/CURRENT`` names the one to use: a file that is replaced in one step,
after all of the version is there. Machines of an older format of the index have a place of their
own. A version is fetched beside the one that serves, checked by its manifest, and put in place.
"""

import json
import logging
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import obstore
from django.conf import settings
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from music.recommender.snapshot_files import FORMAT, SnapshotCorrupt
from tunetrace_site.machine.array_files import MANIFEST, install_version, list_files
from tunetrace_site.machine.leader import leading

from .training import (
    NEVER_BUILT,
    BuildRunning,
    BuildSummary,
    only_builder,
    read_summary,
    write_summary,
)

if TYPE_CHECKING:  # obstore has them for type checkers only
    from obstore import ObjectMeta
    from obstore.store import ClientConfig

FOLLOW_EVERY_SECONDS = 5.0
KEPT_FOR = timedelta(hours=1)
"""A version that is not the current one any more stays so long: somebody may be fetching it."""
_CURRENT = "CURRENT"
_FETCHING = ".fetching-"
_CLIENT: "ClientConfig" = {"timeout": "60s", "connect_timeout": "5s", "allow_http": True}

logger = logging.getLogger(__name__)


class StoreUnavailable(Exception):
    """The store cannot be reached, or holds no valid index; the message says which."""


def is_shared() -> bool:
    """Return whether there is an ``INDEX_STORE_URL``."""
    return bool(settings.INDEX_STORE_URL)


def publish() -> None:
    """Publish this machine's index to all machines. Raises ``StoreUnavailable``."""
    summary = read_summary()
    if summary is NEVER_BUILT:
        return
    folder = settings.INDEX_DIR / summary.version
    try:
        store = _open_store(settings.INDEX_STORE_URL)
        # The manifest is the last of them: what has one is whole.
        for name in list_files(folder, format_number=FORMAT):
            obstore.put(store, _place(summary.version, name), folder / name)
        obstore.put(store, _place(_CURRENT), json.dumps(asdict(summary)).encode())
        _remove_old(store, summary.version)
    except (BaseError, OSError, SnapshotCorrupt) as error:
        raise StoreUnavailable(f"the index could not be published: {error}") from error


def fetch(*, whatever_is_here: bool = False) -> bool:
    """Put the index of the store in place if it is newer than this machine's, or in any case.

    ``whatever_is_here``: this machine's cannot be used. Returns whether one was put in place;
    none is while this machine builds one. Raises ``StoreUnavailable``: the one that serves goes on.
    """
    return _take(_find_published(), NEVER_BUILT if whatever_is_here else read_summary())


def _take(published: BuildSummary, here: BuildSummary) -> bool:
    """Put the published index in place if it is newer than ``here``; return whether it was."""
    if published.began_at <= here.began_at:
        return False
    try:
        with only_builder():
            _fetch_version(_open_store(settings.INDEX_STORE_URL), published.version)
            write_summary(published)
    except BuildRunning:
        return False
    except (BaseError, OSError, ValueError, TypeError, SnapshotCorrupt) as error:
        raise StoreUnavailable(f"the index could not be fetched: {error}") from error
    logger.info("fetched index %s of %d songs", published.version, published.n_songs)
    return True


def meet_store() -> bool:
    """Fetch the index of the store if it is newer than this machine's, publish this one if that is.

    Returns whether it was published: its builder had not been able to. Raises ``StoreUnavailable``.
    """
    published, here = _find_published(), read_summary()
    is_newer = published.began_at < here.began_at
    if is_newer:
        publish()
    else:
        _take(published, here)
    return is_newer


def follow_beside() -> None:
    """From now on fetch published indexes, in a thread of one process of this machine."""
    if is_shared():
        threading.Thread(target=_follow, name="index", daemon=True).start()


def _follow() -> None:
    with leading("index.follower"):
        problem = ""
        while True:
            try:
                fetch()
                problem = ""
            except StoreUnavailable as error:
                if str(error) != problem:  # said once, not every five seconds
                    logger.error("%s; the one that is here goes on", error)
                problem = str(error)
            time.sleep(FOLLOW_EVERY_SECONDS)


def _find_published() -> BuildSummary:
    try:
        return _read_current(_open_store(settings.INDEX_STORE_URL))
    except (BaseError, OSError, ValueError, TypeError) as error:
        raise StoreUnavailable(f"the index could not be looked for: {error}") from error


def _read_current(store: ObjectStore) -> BuildSummary:
    try:
        content = bytes(obstore.get(store, _place(_CURRENT)).bytes())
    except FileNotFoundError:
        return NEVER_BUILT
    summary = BuildSummary(**json.loads(content))
    if not summary.version.isalnum():
        raise ValueError(f"{_place(_CURRENT)} names no version")
    return summary


def _fetch_version(store: ObjectStore, version: str) -> None:
    settings.INDEX_DIR.mkdir(parents=True, exist_ok=True)
    # This process alone may fetch here now: others were killed while they did.
    for left in settings.INDEX_DIR.glob(f"{_FETCHING}*"):
        rmtree(left, ignore_errors=True)
    working = Path(tempfile.mkdtemp(prefix=_FETCHING, dir=settings.INDEX_DIR))
    try:
        _copy(store, version, MANIFEST, working)
        for name in list_files(working, format_number=FORMAT):
            if name != MANIFEST:
                _copy(store, version, name, working)
        install_version(settings.INDEX_DIR, working, version, format_number=FORMAT)
    finally:
        rmtree(working, ignore_errors=True)


def _copy(store: ObjectStore, version: str, name: str, folder: Path) -> None:
    with (folder / name).open("wb") as file:
        for chunk in obstore.get(store, _place(version, name)).stream():
            file.write(chunk)


def _remove_old(store: ObjectStore, current: str) -> None:
    """Delete versions that were replaced, or never finished, some time ago."""
    files: defaultdict[str, list[ObjectMeta]] = defaultdict(list)
    for page in obstore.list(store, prefix=_place("")):
        for file in page:
            version, slash, _name = file["path"].removeprefix(_place("")).partition("/")
            if slash:
                files[version].append(file)
    for version, its_files in files.items():
        age = datetime.now(UTC) - max(file["last_modified"] for file in its_files)
        if version != current and age > KEPT_FOR:
            obstore.delete(store, [file["path"] for file in its_files])


def _place(*names: str) -> str:
    return "/".join((f"format-{FORMAT}", *names))


@lru_cache(maxsize=1)
def _open_store(url: str) -> ObjectStore:
    """Return the store at ``url``; for a bucket, ``AWS_…`` variables give the credentials."""
    if url.startswith("file://"):
        Path(url.removeprefix("file://")).mkdir(parents=True, exist_ok=True)
        return from_url(url)
    return from_url(url, client_options=_CLIENT)
