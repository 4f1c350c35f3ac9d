"""PostgreSQL without any SQLite (``SQLITE_MIRROR=none``), and the way into that mode.

There is no relay, no trigger and no log then, as with SQLite alone. The way in is open when nothing
would be lost: a SQLite that is left behind has sent and received everything, and no machine keeps
one any more. The way back is that of a SQLite whose file was lost: a new one is filled
(``single_database.py`` sees to what PostgreSQL did meanwhile).
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections

from .databases import ALONE, POSTGRES, SQLITE, log_name, sqlite_file
from .drain import position_of
from .failures import DATABASE_ERRORS, explain
from .log import Position, read_end, read_log_id
from .machines import RENEW_EVERY_SECONDS, WATCH_SECONDS
from .models import Cursor, Machine, Parked, State
from .schema import retire_capture
from .sqlite.base import rename_sqlite

_LEFT = "left"
# Of our locks in PostgreSQL: whoever brings the database up to date.
_PREPARING = 20_726_811
_PAUSE_SECONDS = 0.2


@contextmanager
def preparing_alone() -> Iterator[None]:
    """Keep other machines from migrating PostgreSQL in the block; wait for one that does.

    The lock is held by a connection of its own: a migration ends the one that it uses.
    """
    holder = connections.create_connection(ALONE)
    try:
        while not _try_lock(holder):
            time.sleep(_PAUSE_SECONDS)
        yield
    finally:
        holder.close()


def _try_lock(holder) -> bool:  # noqa: ANN001 (Django's connections have no public type)
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_PREPARING])
        return cursor.fetchone()[0]


def find_obstacles() -> Iterator[str]:
    """Return the reasons against serving without SQLite: what would be lost, and what to do."""
    is_mirrored = _logs(ALONE)
    if is_mirrored and (host := _find_living_machine()):
        yield (
            f"the machine {host} still mirrors into a SQLite: stop TuneTrace on all machines first"
        )
    path = Path(settings.SQLITE_FILE)
    if not path.exists():
        return
    with sqlite_file(_LEFT, str(path)):
        try:
            yield from _find_undrained(is_mirrored)
        except DATABASE_ERRORS as error:
            yield f"{path} cannot be read ({explain(error)}): move it away, if it is not missed"


def enter() -> list[str]:
    """Stop capturing, and rename the old SQLite file; return what was done, for people.

    Call it when ``find_obstacles`` finds none.
    """
    done = []
    State.objects.using(ALONE).get_or_create(pk=1, defaults={"log_id": ""})
    if retire_capture(ALONE):
        done.append("SQLite is not used any more: PostgreSQL goes on alone.")
    path = Path(settings.SQLITE_FILE)
    if path.exists():
        place = rename_sqlite(path, "left")
        done.append(f"What SQLite held is in {place}, and in PostgreSQL: delete it when you like.")
    return done


def _find_living_machine() -> str:
    """Return the name of a machine that goes on counting.

    Empty when none does for three seconds.
    """
    before = dict(Machine.objects.using(ALONE).values_list("number", "n_beats"))
    ends_at = time.monotonic() + WATCH_SECONDS
    while before and time.monotonic() < ends_at:
        time.sleep(RENEW_EVERY_SECONDS / 4)
        for machine in Machine.objects.using(ALONE):
            if machine.n_beats != before.get(machine.number):
                return machine.host
    return ""


def _find_undrained(is_mirrored: bool) -> Iterator[str]:
    """Yield sentences about changes that one of the two databases has not sent the other."""
    name = f"SQLITE_DATABASE_URL: {settings.SQLITE_FILE}"
    remedy = (
        "start once with SQLITE_MIRROR=on, until the operators' page shows nothing to apply, and"
        " stop it; or move the file away, if nothing in it is missed"
    )
    if not _logs(_LEFT):
        if connections[_LEFT].introspection.table_names():
            yield f"{name} holds a site that PostgreSQL was never sent: {remedy}"
        return
    known = "replication_cursor" in connections[ALONE].introspection.table_names()
    if not known or not _has_read(ALONE, _LEFT, log_name(SQLITE)):
        yield f"{name} holds changes that PostgreSQL has not applied: {remedy}"
    elif n_parked := Parked.objects.using(_LEFT).count():
        yield f"{name} holds {n_parked} rows that PostgreSQL refuses (operators' page): {remedy}"
    if is_mirrored and not _has_read(_LEFT, ALONE, POSTGRES):
        yield f"PostgreSQL has changes that {settings.SQLITE_FILE} has not applied: {remedy}"


def _logs(alias: str) -> bool:
    """Return whether the database logs its changes for the other one."""
    if "replication_state" not in connections[alias].introspection.table_names():
        return False
    return State.objects.using(alias).exclude(log_id="").exists()


def _has_read(reader: str, writer: str, writer_name: str) -> bool:
    """Return whether ``reader`` has applied all of the log of ``writer``."""
    cursor = Cursor.objects.using(reader).filter(source=writer_name).first()
    if cursor is None or cursor.log_id != read_log_id(writer):
        return False
    end = read_end(writer)
    return position_of(cursor) >= (end[0] if end else Position())
