"""Removes permanently deleted rows from SQLite's files as well.

``PRAGMA secure_delete`` (settings) overwrites what a transaction deletes, but the write-ahead log
still holds pages as they were before. After a deletion that must leave no trace the log is emptied,
in a thread that nobody waits for; each machine does so with its own file.
"""

from django.db import connections

from tunetrace_site.machine.files import state_path

from .databases import SQLITE, has_sqlite, has_two_databases
from .marks import is_behind, is_down
from .write_queue import writer_turn

_MARK = "to-be-erased"
# Writers wait meanwhile, and a backup may read for minutes, so the attempt is short and repeated.
_PATIENCE_MILLISECONDS = 100


def note_erasure() -> None:
    """Record that a deletion must leave no trace, so that SQLite's write-ahead log is emptied soon.

    Nothing is done without SQLite.
    """
    if not has_sqlite():
        return
    state_path(_MARK).touch()


def finish_erasure() -> bool:
    """Empty SQLite's write-ahead log if an erasure is due; return whether none is due any more.

    It stays due while SQLite has not received the deletion, or a reader still uses the log.
    """
    mark = state_path(_MARK)
    if not has_sqlite() or not mark.exists():
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
    """Move the log into the database file and truncate it.

    Return whether no reader prevented it.
    """
    with connections[SQLITE].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        [patience] = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout={_PATIENCE_MILLISECONDS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return not cursor.fetchone()[0]
        finally:
            cursor.execute(f"PRAGMA busy_timeout={patience}")
