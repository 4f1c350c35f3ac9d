"""How changes made while SQLite ran without PostgreSQL are kept when PostgreSQL comes back.

With SQLite alone no trigger captures changes. When PostgreSQL is taken out of the settings, the
triggers and the change log are removed; the table of row versions stays as a list of the rows that
existed. When PostgreSQL is configured again, a row on that list that is not in its table was
deleted meanwhile; every other row may have been changed, so it counts as newer than PostgreSQL's.
"""

import uuid

from django.db import connections

from .models import State
from .tables import MirroredTable
from .versions import new_version_sql, next_version_sql

_NO_LOG = ""


def leave_log(alias: str) -> None:
    """Record in SQLite that changes are not logged from now on."""
    State.objects.using(alias).update(log_id=_NO_LOG)


def resume_log(alias: str, tables: list[MirroredTable]) -> None:
    """Begin a new change log where the last one ended; the caller holds a transaction.

    Every row of ``tables`` gets a version made now, and every row that is gone a tombstone.
    """
    if not State.objects.using(alias).filter(log_id=_NO_LOG).exists():
        return
    vendor = connections[alias].vendor
    now = new_version_sql(vendor)
    newer = f"max({now}, {next_version_sql(vendor, 'replication_rowversion.version')})"
    with connections[alias].cursor() as cursor:
        for table in tables:
            key = f'CAST("{table.pk.column}" AS TEXT)'
            cursor.execute(
                f"UPDATE replication_rowversion SET version = {newer}, deleted = 1"
                " WHERE table_name = %s AND NOT deleted"
                f' AND row_pk NOT IN (SELECT {key} FROM "{table.name}")',
                [table.name],
            )
            cursor.execute(
                "INSERT INTO replication_rowversion (table_name, row_pk, version, deleted)"
                f' SELECT %s, {key}, {now}, 0 FROM "{table.name}" WHERE true'
                f" ON CONFLICT (table_name, row_pk) DO UPDATE SET version = {newer}, deleted = 0",
                [table.name],
            )
    State.objects.using(alias).update(log_id=str(uuid.uuid4()))
