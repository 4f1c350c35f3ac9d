"""The design with one part taken out, to prove that the checker notices."""

import time
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from django.db import connections

from tunetrace_site.replication import drain, full_sync, relay, unit
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.images import RowKey
from tunetrace_site.replication.log import Entry, Position
from tunetrace_site.replication.marks import Mark, clear_mark, read_mark

Part = tuple[ModuleType, str, Any]


def apply(name: str) -> None:
    """Take out the part called ``name`` for the rest of this process."""
    for module, attribute, replacement in find_parts(name):
        setattr(module, attribute, replacement)


def find_parts(name: str) -> list[Part]:
    """What is replaced, as module, attribute and replacement."""
    return {"naive_cursor": NAIVE_CURSOR, "early_failback": EARLY_FAILBACK}[name]


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
    time.sleep(1.0)  # as if there were much to catch up
    return _real_exchange(report)


# Reads the log up to its largest id, as most outbox tutorials do; without write-through.
NAIVE_CURSOR: list[Part] = [
    (unit, "write_through", lambda source, target, images: None),
    (drain, "read_entries", _read_entries_by_id),
    (drain, "find_version_at", _find_version_by_id),
    (full_sync, "read_end", _read_end_by_id),
]
# Puts a database back into service as soon as it answers, before it has caught up.
EARLY_FAILBACK: list[Part] = [(relay, "exchange", _exchange_and_serve_at_once)]
