"""What was deleted for good leaves SQLite's files too.

``PRAGMA secure_delete`` (settings) overwrites what a transaction deletes, but the write-ahead log
still holds pages as they were before. After a deletion that must leave nothing the log is emptied,
by a thread that nobody waits for; each machine does so with its own file.
"""

from django.db import connections

from tunetrace_site.machine.files import state_path

from .databases import SQLITE, has_two_databases
from .marks import is_behind, is_down
from .write_queue import writer_turn

_MARK = "to-be-erased"
# Writers wait meanwhile, and a backup may read for minutes: then it is tried again later.
_PATIENCE_MILLISECONDS = 100


def note_erasure() -> None:
    """Something was deleted that must leave no trace: the log is emptied soon."""
    state_path(_MARK).touch()


def finish_erasure() -> bool:
    """Empty SQLite's write-ahead log if something waits for it; whether nothing waits any more.

    It waits while SQLite has not heard of the deletion, or somebody reads what is in the log.
    """
    mark = state_path(_MARK)
    if not mark.exists():
        return True
    if has_two_databases() and (is_down(SQLITE) or is_behind(SQLITE)):
        return False
    noted_at = mark.stat().st_mtime_ns
    with writer_turn(SQLITE):
        is_busy = not _empty_log()
    if is_busy or mark.stat().st_mtime_ns != noted_at:
        return False
    mark.unlink(missing_ok=True)
    return True


def _empty_log() -> bool:
    """Move all of the log into the file and cut it off; whether nobody stood in the way."""
    with connections[SQLITE].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        [patience] = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout={_PATIENCE_MILLISECONDS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return not cursor.fetchone()[0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout={patience}")
