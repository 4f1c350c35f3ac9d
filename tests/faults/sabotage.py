"""Removes one part of the design, so that the checker must object, or adds worse faults."""

import os
import random
import signal
import time
from collections.abc import Sequence
from itertools import count
from types import ModuleType
from typing import Any

from django.db import connections

from tunetrace_site.replication import apply as apply_module
from tunetrace_site.replication import drain, full_sync, relay, unit, versions
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.images import RowImage, RowKey
from tunetrace_site.replication.log import Entry, Position
from tunetrace_site.replication.marks import Mark, clear_mark, read_mark

Part = tuple[ModuleType, str, Any]


def apply(name: str) -> None:
    """Replace the part called ``name`` for the rest of this process."""
    for module, attribute, replacement in find_parts(name):
        setattr(module, attribute, replacement)


def find_parts(name: str) -> list[Part]:
    """Return what is replaced, as module, attribute and replacement."""
    return {
        "naive_cursor": NAIVE_CURSOR,
        "early_failback": EARLY_FAILBACK,
        "dies_after_commit": DIES_AFTER_COMMIT,
        "moving_clocks": MOVING_CLOCKS,
        "receipts_unlogged": RECEIPTS_UNLOGGED,
    }[name]


def _read_entries_by_id(alias: str, after: Position, limit: int) -> list[Entry]:
    sql = """SELECT c.id, c.version, v.table_name, v.row_pk, v.version, v.deleted
        FROM replication_change c JOIN replication_rowversion v USING (table_name, row_pk)
        WHERE c.id > %s ORDER BY c.id LIMIT %s"""
    return [
        Entry(Position(0, row[0]), row[1], RowKey(*row[2:5], bool(row[5])), is_settled=True)
        for row in _fetch(alias, sql, [after.change_id, limit])
    ]


def _find_version_by_id(alias: str, position: Position) -> int | None:
    sql = "SELECT version FROM replication_change WHERE id = %s"
    rows = _fetch(alias, sql, [position.change_id])
    return rows[0][0] if rows else None


def _read_end_by_id(alias: str) -> tuple[Position, int] | None:
    sql = "SELECT id, version FROM replication_change ORDER BY id DESC LIMIT 1"
    rows = _fetch(alias, sql, [])
    return (Position(0, rows[0][0]), rows[0][1]) if rows else None


def _fetch(alias: str, sql: str, params: Sequence[int]) -> list[tuple]:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


_real_exchange = relay.exchange


def _exchange_and_serve_at_once(report: relay.PassReport) -> int:
    for alias in (SQLITE, POSTGRES):
        clear_mark(alias, Mark.BEHIND, read_mark(alias, Mark.BEHIND))
    time.sleep(3.0)  # as if there were much to catch up
    return _real_exchange(report)


_real_write_through = unit.write_through


_n_units = count()


def _write_through_or_die(source: str, target: str, images: Sequence[RowImage]) -> None:
    if next(_n_units) >= 10 and random.random() < 0.1:
        os.kill(os.getpid(), signal.SIGKILL)
    _real_write_through(source, target, images)


def move_clock(alias: str, hours: float) -> None:
    """Make the clock of one database wrong by ``hours``, in all processes with moving clocks."""
    connections[alias].close()  # a restart of the server may have cut it
    with connections[alias].cursor() as cursor:
        cursor.execute("UPDATE moving_clock SET microseconds = %s", [int(hours * 3_600_000_000)])


def _moving(clock: str) -> str:
    return f"({clock} + (SELECT microseconds FROM moving_clock))"


# Reads the log up to its largest id, as most outbox tutorials do; without write-through.
NAIVE_CURSOR: list[Part] = [
    (unit, "write_through", lambda source, target, images: None),
    (drain, "read_entries", _read_entries_by_id),
    (drain, "find_version_at", _find_version_by_id),
    (full_sync, "read_end", _read_end_by_id),
]
# Puts a database back into service as soon as it answers, before it has caught up.
EARLY_FAILBACK: list[Part] = [(relay, "exchange", _exchange_and_serve_at_once)]
# A worker killed between commit and write-through, after twenty units or so.
DIES_AFTER_COMMIT: list[Part] = [(unit, "write_through", _write_through_or_die)]
# Only what is changed in a database is in its log, not what it received from the other one.
RECEIPTS_UNLOGGED: list[Part] = [(apply_module, "_log_receipt", lambda alias, images: None)]
# Each database's clock is wrong by what its table ``moving_clock`` says.
MOVING_CLOCKS: list[Part] = [
    (versions, "_CLOCK_SQL", {name: _moving(sql) for name, sql in versions._CLOCK_SQL.items()})
]
