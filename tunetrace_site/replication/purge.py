"""Deletes log entries applied long ago, and tombstones older than the longest outage allowed.

A log is bounded by size and age also while the other database is away. What is cut off then is not
lost: that database finds that its place in the log is gone, and both send every row.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.conf import settings
from django.db import connections, transaction

from tunetrace_site.machine.files import state_path

from .databases import POSTGRES, SQLITE, display_name, other
from .drain import find_cursor, note_cut, position_of
from .log import Position, find_position_from_end, find_position_since, measure_log, read_end
from .models import Rekeyed
from .versions import version_at
from .write_queue import writer_turn

LONGEST_OUTAGE_DAYS = 30
# A database that forgot at most this many changes is sent what it misses; beyond that, every row.
KEPT_ENTRIES = 10_000
EVERY_SECONDS = 60.0
# Deleting this many rows takes milliseconds, so that writers do not wait for all of them.
_BATCH_ROWS = 2000
_LONG = "the log of {} is {:.0%} of what it may be: bring the other database back"


def purge_sometimes() -> None:
    """Run ``purge_logs`` unless a process of this machine did so within the last minute."""
    with _once_a_minute("purged") as is_due:
        if is_due:
            purge_logs()


def bound_sometimes(alias: str) -> str:
    """Run ``bound_log`` for a database whose peer is away, once a minute.

    Returns what an operator should know: that the log is long.
    """
    with _once_a_minute(f"bounded-{alias}") as is_due:
        if not is_due:
            return ""
        bound_log(alias)
        size = measure_log(alias)
    return _LONG.format(display_name(alias), size.share) if size.is_long else ""


@contextmanager
def _once_a_minute(name: str) -> Iterator[bool]:
    """Yield whether no process of this machine has done what is called so within a minute."""
    last = state_path(name)
    if not last.exists():
        last.touch()
        yield False
        return
    is_due = not 0 <= time.time() - last.stat().st_mtime < EVERY_SECONDS
    yield is_due
    if is_due:
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
        bound_log(source)
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


def bound_log(source: str) -> None:
    """Cut off the oldest entries of a log that is longer, or reaches further back, than it may.

    They go whether the other database has read them or not.
    """
    size = measure_log(source)
    if size.share < 1.0:
        return
    cuts = []
    if size.n_entries > settings.CHANGE_LOG_ENTRIES:
        cuts.append(find_position_from_end(source, settings.CHANGE_LOG_ENTRIES))
    if size.days_away > settings.CHANGE_LOG_DAYS:
        oldest = version_at(time.time() - settings.CHANGE_LOG_DAYS * 86_400)
        end = read_end(source)
        cuts.append(find_position_since(source, oldest) or (end and end[0]))
    found = [cut for cut in cuts if cut is not None]
    if not found:
        return
    cut = max(found)
    with writer_turn(source), transaction.atomic(using=source):
        note_cut(source, cut)
    condition = "(xid, id) < (%s, %s)"
    _delete_in_batches(source, "replication_change", condition, [cut.xid, cut.change_id])


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
