"""Deletes log entries applied long ago, and tombstones older than the longest outage allowed."""

import time
from datetime import UTC, datetime

from django.conf import settings
from django.db import connections

from tunetrace_site.machine.files import state_path

from .databases import POSTGRES, SQLITE, other
from .drain import find_cursor, position_of
from .log import Position, find_position_from_end
from .models import Rekeyed
from .versions import version_at
from .write_queue import writer_turn

LONGEST_OUTAGE_DAYS = 30
# A database that forgot at most this many changes is sent what it misses; beyond that, every row.
KEPT_ENTRIES = 10_000
EVERY_SECONDS = 60.0
# Deleting this many rows takes milliseconds, so that writers do not wait for all of them.
_BATCH_ROWS = 2000


def purge_sometimes() -> None:
    """Run ``purge_logs`` unless a process of this machine did so within the last minute."""
    last = state_path("purged")
    if not last.exists():
        last.touch()
    elif not 0 <= time.time() - last.stat().st_mtime < EVERY_SECONDS:
        purge_logs()
        last.touch()


def purge_logs() -> None:
    """Delete old tombstones, and log entries that have been read, except for the last 10,000.

    The rest stays for a reader whose cursor goes back. PostgreSQL's log has several readers where
    several machines share it: there entries stay for the longest outage allowed. A reader that was
    away longer is sent every row (full_sync.py).
    """
    began = time.time() - LONGEST_OUTAGE_DAYS * 86_400
    oldest = version_at(began)
    for source in (SQLITE, POSTGRES):
        cursor = find_cursor(source, other(source))
        if cursor is not None:
            _purge_log(source, position_of(cursor), oldest)
            _delete_in_batches(
                source, "replication_rowversion", "deleted AND version < %s", [oldest]
            )
            Rekeyed.objects.using(source).filter(
                rekeyed_at__lt=datetime.fromtimestamp(began, UTC)
            ).delete()


def _purge_log(source: str, read_up_to: Position, oldest: int) -> None:
    """Delete the oldest entries of the log, leaving no gap among those that are kept."""
    kept_from = find_position_from_end(source, KEPT_ENTRIES)
    if kept_from is None:
        return
    before = min(kept_from, read_up_to)
    condition, params = "(xid, id) < (%s, %s)", [before.xid, before.change_id]
    if source == POSTGRES and settings.SEVERAL_MACHINES:
        condition, params = f"{condition} AND version < %s", [*params, oldest]
    _delete_in_batches(source, "replication_change", condition, params)


def _delete_in_batches(alias: str, table: str, condition: str, params: list[int]) -> None:
    """Delete rows in batches, each a transaction and a turn to write of its own."""
    row = "rowid" if connections[alias].vendor == "sqlite" else "ctid"
    sql = (
        f"DELETE FROM {table} WHERE {row} IN"
        f" (SELECT {row} FROM {table} WHERE {condition} LIMIT {_BATCH_ROWS})"
    )
    n_deleted = _BATCH_ROWS
    while n_deleted == _BATCH_ROWS:
        with writer_turn(alias), connections[alias].cursor() as cursor:
            cursor.execute(sql, params)
            n_deleted = cursor.rowcount
