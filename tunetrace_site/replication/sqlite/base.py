"""Django's SQLite backend, which notices that its file was deleted, replaced or damaged.

An open connection goes on with a file that was deleted or replaced, and no other process sees what
it writes. So each request, and each pass of the relay, checks that the file at the path is still
the open one; the relay then fills the new file from PostgreSQL. A damaged file is renamed, where
PostgreSQL holds everything that was in it.
"""

import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.sqlite3 import base

from tunetrace_site.replication.databases import POSTGRES, SQLITE, has_two_databases
from tunetrace_site.replication.failures import FileDamaged, FileTakenAway
from tunetrace_site.replication.marks import (
    Mark,
    is_behind,
    is_down,
    known_sqlite_file,
    set_marks,
)
from tunetrace_site.replication.sqlite_alone.base import DatabaseWrapper as SqliteAlone

_SUFFIXES = ("", "-wal", "-shm")


class DatabaseOperations(base.DatabaseOperations):  # type: ignore[name-defined]  # not in stubs
    """With several machines, each assigns keys of its own range to its rows (``compiler.py``)."""

    @property
    def compiler_module(self) -> str:
        # (Django's is a constant; a setting is known when it is asked for.)
        if settings.SEVERAL_MACHINES:
            return "tunetrace_site.replication.sqlite.compiler"
        return super().compiler_module


class DatabaseWrapper(SqliteAlone):
    """Closes a file that is not at its path any more."""

    ops_class = DatabaseOperations
    _opened: dict[str, tuple[int, int] | None] | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if _may_be_only_copy() and is_down(POSTGRES) and self._was_taken_away():
            # SQLite would create an empty file, which would answer as if it were complete.
            raise FileTakenAway("its file is gone; start PostgreSQL, which is sent what is open")
        connection = super().get_new_connection(conn_params)
        self._opened = self._identify_files()
        return connection

    def close_if_unusable_or_obsolete(self) -> None:
        """Close a connection to a file that was replaced; Django calls this around each request."""
        if self.connection is not None and not self.in_atomic_block and self._was_replaced():
            self._let_go()
        super().close_if_unusable_or_obsolete()

    def close(self) -> None:
        """Close, except a file whose content would be lost, as Django does with one in memory."""
        is_complete = self.connection is not None and self.opened_file() == known_sqlite_file()
        if not (is_complete and _may_be_only_copy() and self._was_replaced()):
            super().close()

    def _was_taken_away(self) -> bool:
        """Return whether there is no file, although the relay has seen one."""
        return any(known_sqlite_file()) and _identify(self._path, n_bytes_at_least=1) is None

    def _was_replaced(self) -> bool:
        if self._opened is None or self._opened[""] is None:
            return False
        return _identify(self._path, n_bytes_at_least=1) != self._opened[""]

    def opened_file(self) -> tuple[int, int] | None:
        """The device and inode of the file that was opened last."""
        return None if self._opened is None else self._opened[""]

    def _let_go(self) -> None:
        if not has_two_databases() or is_down(POSTGRES) or is_behind(POSTGRES):
            # The open file is the only copy: it serves until PostgreSQL has its rows.
            return
        if _identify(self._path, n_bytes_at_least=1) != known_sqlite_file():
            set_marks(SQLITE, Mark.DOWN, Mark.BEHIND)
        for suffix in _SUFFIXES:
            # The rest of the open file would be read as a part of the new one.
            if self._opened and self._opened[suffix] == _identify(f"{self._path}{suffix}"):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        self.close()

    @property
    def _path(self) -> str:
        return str(self.settings_dict["NAME"])

    def _identify_files(self) -> dict[str, tuple[int, int] | None]:
        return {suffix: _identify(f"{self._path}{suffix}") for suffix in _SUFFIXES}


def _may_be_only_copy() -> bool:
    """Return whether SQLite may hold rows that PostgreSQL lacks.

    A file that is behind holds none.
    """
    if not has_two_databases() or is_behind(SQLITE):
        return False
    return is_down(POSTGRES) or is_behind(POSTGRES)


def _identify(path: str, n_bytes_at_least: int = 0) -> tuple[int, int] | None:
    """Return device and inode of a file; None when it does not exist or was truncated."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found.st_size >= n_bytes_at_least else None


def refuse_damaged_sqlite() -> None:
    """Raise ``FileDamaged`` when a page of the file is corrupt. Reads the whole file."""
    with connections[SQLITE].cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        found = cursor.fetchone()[0]
    if found != "ok":
        raise FileDamaged(found)


def set_aside_sqlite() -> Path | None:
    """Rename SQLite's file, so that a new one is created and filled; return its new path.

    Does nothing (None) while PostgreSQL is not in service: the file may then hold the only copy,
    and an operator has to decide.
    """
    if is_down(POSTGRES) or is_behind(POSTGRES):
        return None
    set_marks(SQLITE, Mark.DOWN, Mark.BEHIND)
    connections[SQLITE].close()
    return rename_sqlite(Path(connections.settings[SQLITE]["NAME"]), "damaged")


def rename_sqlite(path: Path, word: str) -> Path:
    """Give a SQLite file that nobody opens any more a name with ``word`` and the time in it."""
    place = path.with_name(f"{path.name}.{word}-{time.strftime('%Y%m%d-%H%M%S')}")
    for suffix in ("-shm", "-wal", ""):
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.rename(f"{place}{suffix}")
    return place
