"""A damaged SQLite file is set aside, where PostgreSQL holds everything that was in it."""

import time
from pathlib import Path

from django.db import connections

from .databases import POSTGRES, SQLITE
from .failures import FileDamaged
from .marks import Mark, is_behind, is_down, set_marks


def refuse_damaged_sqlite() -> None:
    """Raise ``FileDamaged`` when a page of the file is not sound. Reads the whole file."""
    with connections[SQLITE].cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        found = cursor.fetchone()[0]
    if found != "ok":
        raise FileDamaged(found)


def set_aside_sqlite() -> Path | None:
    """Rename SQLite's file, so that a new one is made and filled; returns its new path.

    Does nothing (None) while PostgreSQL is not in service: the file may then hold what nothing else
    does, and an operator has to decide.
    """
    if is_down(POSTGRES) or is_behind(POSTGRES):
        return None
    set_marks(SQLITE, Mark.DOWN, Mark.BEHIND)
    connections[SQLITE].close()
    path = Path(connections.settings[SQLITE]["NAME"])
    place = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    for suffix in ("-shm", "-wal", ""):
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.rename(f"{place}{suffix}")
    return place
