"""How changes made while one database ran without the other are kept when the other comes back.

With SQLite alone, or PostgreSQL alone (``SQLITE_MIRROR=none``), no trigger captures changes. When
the other database is taken out of the settings, the triggers and the change log are removed; the
table of row versions stays as a list of the rows that existed. When both are configured again, a
row on that list that is not in its table was deleted meanwhile; every other row may have been
changed, so it counts as newer than the other database's.
"""

import uuid

from django.db import connections

from .databases import SQLITE, log_name
from .models import Cursor, State
from .tables import MirroredTable
from .versions import GREATEST_SQL, new_version_sql, next_version_sql

_NO_LOG = ""


def leave_log(alias: str) -> None:
    """Record in SQLite that changes are not logged from now on."""
    State.objects.using(alias).update(log_id=_NO_LOG)


def was_left(alias: str) -> bool:
    """Return whether the database ran alone and its log has not begun anew since."""
    return State.objects.using(alias).filter(log_id=_NO_LOG).exists()


def resume_log(alias: str, tables: list[MirroredTable]) -> None:
    """Begin a new change log where the last one ended; the caller holds a transaction.

    Every row of ``tables`` gets a version made now, and every row that is gone a tombstone. Nothing
    is done in a database whose log goes on.
    """
    if not was_left(alias):
        return
    vendor = connections[alias].vendor
    now = new_version_sql(vendor)
    following = next_version_sql(vendor, "replication_rowversion.version")
    newer = f"{GREATEST_SQL[vendor]}({now}, {following})"
    with connections[alias].cursor() as cursor:
        for table in tables:
            key = f'CAST("{table.pk.column}" AS TEXT)'
            cursor.execute(
                f"UPDATE replication_rowversion SET version = {newer}, deleted = %s"
                " WHERE table_name = %s AND NOT deleted"
                f' AND row_pk NOT IN (SELECT {key} FROM "{table.name}")',
                [True, table.name],
            )
            cursor.execute(
                "INSERT INTO replication_rowversion (table_name, row_pk, version, deleted)"
                f' SELECT %s, {key}, {now}, %s FROM "{table.name}" WHERE true'
                f" ON CONFLICT (table_name, row_pk) DO UPDATE SET version = {newer}, deleted = %s",
                [table.name, False, False],
            )
    if vendor == "postgresql":
        _expect_new_sqlite(alias)
    State.objects.using(alias).update(log_id=str(uuid.uuid4()))


def _expect_new_sqlite(alias: str) -> None:
    """Expect a new SQLite, which knows nothing, after PostgreSQL was used alone."""
    Cursor.objects.using(alias).get_or_create(
        source=log_name(SQLITE),
        defaults={"log_id": _NO_LOG, "xid": 0, "change_id": 0, "version": 0},
    )
