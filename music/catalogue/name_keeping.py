"""Decides when the file of song names is written: by one process of the machine, for all of them.

The background job writes it again when many songs have changed, and when counting them shows rows
that ``updated_at`` does not tell of (deleted, or copied from the other database). A process that
finds no file writes it at once. In a site with few songs each process keeps all names itself.
"""

import logging
import shutil
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.db.models import Max
from django.utils import timezone

from music.models import Song
from music.names.aliases import AliasBook
from music.names.matching import Candidate
from tunetrace_site.machine.array_files import (
    CURRENT,
    SnapshotCorrupt,
    SnapshotMissing,
    current_version,
)
from tunetrace_site.machine.files import state_path
from tunetrace_site.machine.locks import FileLock

from .key_pages import PAGE, read_pages
from .name_file import NameFile, find_reading, load_name_file, save_name_file

FEW_SONGS = 5_000
"""Up to this many songs there is no file: each process keeps them, in about 10 MB."""
CHANGED_SHARE = 0.02
"""The file is written again when a larger share, and more than ``FEW_SONGS``, has changed."""
OVERLAP = timedelta(seconds=5)
"""A row may be committed this long after its ``updated_at``."""
TRY_AGAIN_SECONDS = 600.0
"""How long a process waits after it could not write the file."""
_OLD_SECONDS = 86_400.0

logger = logging.getLogger(__name__)
_tries_again_at = 0.0


def find_version() -> str | None:
    """Return the version of the current file, or None: one small read."""
    return current_version(_folder())


def find_or_write() -> NameFile | None:
    """Load the current file; if there is none that can be used, one process writes it.

    Returns None in a site with few songs, and if the file cannot be written.
    """
    file = _find_file()
    if file is None and _has_many_songs():
        with _lock():
            file = _find_file()
            if file is None:
                _try_to_write()
                file = _find_file()
    return file


def write_beside_others() -> None:
    """Write the file again unless another process is writing it."""
    lock = _lock()
    if lock.try_acquire():
        try:
            _try_to_write()
        finally:
            lock.release()


def bring_up_to_date() -> str:
    """Write the file again if it is outdated; return a sentence about the result.

    Counts all songs once, and reads those that changed since. Raises ``OSError`` if the disk is
    full.
    """
    with _lock():
        _drop_files_of_old_versions()
        if not _is_due():
            return "The song names are up to date."
        return f"Wrote the names of {_write()} songs."


def drop_file() -> None:
    """Let all processes load everything again: the next one that needs the file writes it."""
    (_folder() / CURRENT).unlink(missing_ok=True)


def is_too_much(n_fresh: int, n_songs: int) -> bool:
    """Return whether a process keeps too many songs in its own memory.

    Then it should write the file itself: the background job does not seem to run. ``n_fresh`` of
    ``n_songs`` are in memory.
    """
    return n_fresh > max(2 * FEW_SONGS, int(4 * CHANGED_SHARE * n_songs))


def _folder() -> Path:
    """Return the folder of the file for this way of reading names.

    Another version of TuneTrace, which may run at the same time for a while, has its own.
    """
    return state_path("song_names") / find_reading()


def _lock() -> FileLock:
    return FileLock(state_path("song_names.lock"))


def _find_file() -> NameFile | None:
    try:
        return load_name_file(_folder())
    except SnapshotMissing:
        return None
    except SnapshotCorrupt as error:
        logger.warning("the file of song names cannot be used: %s", error)
        return None


def _drop_files_of_old_versions() -> None:
    for path in state_path("song_names").glob("*"):
        if path != _folder() and time.time() - path.stat().st_mtime > _OLD_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def _has_many_songs() -> bool:
    return Song.objects.order_by("pk")[: FEW_SONGS + 1].count() > FEW_SONGS


def _is_due() -> bool:
    file = _find_file()
    if file is None:
        return _has_many_songs()
    # Twice, since rows may be written between the queries.
    return _has_changed_much(file) or all(_count_untold(file) for _ in range(2))


def _has_changed_much(file: NameFile) -> bool:
    limit = max(FEW_SONGS, int(CHANGED_SHARE * file.n_songs))
    changed = Song.objects.filter(updated_at__gte=file.began_at).order_by("updated_at")
    return changed[: limit + 1].count() > limit


def _count_untold(file: NameFile) -> int:
    """Return how many rows there are beyond those in the file and those written since.

    It is negative when rows were deleted.
    """
    n_rows = Song.objects.count()
    since = Song.objects.filter(updated_at__gte=file.began_at - OVERLAP)
    n_new = sum(file.find(address) is None for address in since.values_list("address", flat=True))
    return n_rows - file.n_songs - n_new


def _try_to_write() -> None:
    global _tries_again_at
    if time.monotonic() < _tries_again_at:
        return
    try:
        logger.info("wrote the names of %d songs", _write())
    except OSError as error:
        # Each process then keeps all names, as in a site with few songs.
        _tries_again_at = time.monotonic() + TRY_AGAIN_SECONDS
        logger.error("the names of songs cannot be written to %s: %s", _folder(), error)


def _write() -> int:
    began_at = timezone.now()
    book = AliasBook()
    for page in read_pages(Song.objects.all(), "pk", "artist", "aliases"):
        for _key, artist, aliases in page:
            book.learn(artist, aliases)
    return save_name_file(_folder(), _read_candidates(book), book, began_at)


def _read_candidates(book: AliasBook) -> Iterator[Candidate]:
    """Return all songs, the best known first, page by page."""
    found = Song.objects.aggregate(popularity=Max("popularity"))
    while (popularity := found["popularity"]) is not None:
        songs = Song.objects.filter(popularity=popularity).order_by("address")
        rows, last = songs.values_list("address", "artist", "title", "aliases"), ""
        while page := list(rows.filter(address__gt=last)[:PAGE]):
            yield from (book.make_candidate(*row, popularity) for row in page)
            last = page[-1][0]
        lower = Song.objects.filter(popularity__lt=popularity)
        found = lower.aggregate(popularity=Max("popularity"))
