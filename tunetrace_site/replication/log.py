"""The change log of a database: what changed, in an order that a reader can follow.

PostgreSQL assigns ids before commits, so ids do not follow the order of commits: a reader that
stopped at the largest id would miss the transaction that got a smaller id and commits later.
Entries are read in the order of (transaction, id), and the cursor never passes a transaction that
may still run.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from .databases import other
from .images import RowImage, RowKey
from .marks import Mark, read_mark
from .versions import (
    GREATEST_SQL,
    VERSIONS_A_MICROSECOND,
    clock_sql,
    new_version_sql,
    next_version_sql,
    time_of,
    version_at,
)

_XMIN_SQL = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_OWN_XID_SQL = "pg_current_xact_id_if_assigned()::text::bigint"
_CLOCK_OFFSET_SQL = "(SELECT clock_offset FROM replication_state)"
_ENTRY_WITH_STATE = """
    SELECT c.xid, c.id, c.version, v.table_name, v.row_pk, v.version, v.deleted
    FROM replication_change c JOIN replication_rowversion v
      ON v.table_name = c.table_name AND v.row_pk = c.row_pk"""


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a log: everything up to entry ``change_id`` of transaction ``xid``."""

    xid: int = 0
    change_id: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One logged change, with what its database knows of the row now."""

    position: Position
    version: int
    key: RowKey
    is_settled: bool  # no transaction that may still commit stands before it


def begin_capture(alias: str) -> int:
    """Record where the log ends as a transaction of SQLite begins (PostgreSQL knows by itself)."""
    return _last_change_id(alias) if connections[alias].vendor == "sqlite" else 0


def read_own_changes(alias: str, begun_at: int) -> list[RowKey]:
    """Return the rows changed by the running transaction; in SQLite, those after ``begun_at``."""
    sql, params = f"{_ENTRY_WITH_STATE} WHERE c.xid = {_OWN_XID_SQL}", []
    if connections[alias].vendor == "sqlite":
        sql, params = f"{_ENTRY_WITH_STATE} WHERE c.id > %s", [begun_at]
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, params)
        return list(
            {RowKey(row[3], row[4], row[5], bool(row[6])): None for row in cursor.fetchall()}
        )


def read_entries(alias: str, after: Position, limit: int) -> list[Entry]:
    """Return the next ``limit`` committed entries of the log after a position, in order."""
    if connections[alias].vendor == "sqlite":
        sql = f"{_ENTRY_WITH_STATE} WHERE c.id > %s ORDER BY c.id LIMIT %s"
        params: Sequence[int] = [after.change_id, limit]
        settled_sql = "0"
    else:
        sql = f"{_ENTRY_WITH_STATE} WHERE (c.xid, c.id) > (%s, %s) ORDER BY c.xid, c.id LIMIT %s"
        params = [after.xid, after.change_id, limit]
        settled_sql = _XMIN_SQL
    sql = sql.replace("SELECT c.xid", f"SELECT {settled_sql}, c.xid", 1)
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, params)
        return [_entry(*row) for row in cursor.fetchall()]


def _entry(
    xmin: int,
    xid: int,
    change_id: int,
    logged_version: int,
    table: str,
    pk: str,
    version: int,
    deleted: bool,
) -> Entry:
    key = RowKey(table, pk, version, bool(deleted))
    return Entry(Position(xid, change_id), logged_version, key, is_settled=xid < xmin or xid == 0)


def find_version_at(alias: str, position: Position) -> int | None:
    """Return the version in the entry at ``position``; None when there is no such entry."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT version FROM replication_change WHERE id = %s AND xid = %s",
            [position.change_id, position.xid],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def is_purged(alias: str, position: Position) -> bool:
    """Return whether the log of ``alias`` begins after ``position``: older entries were deleted."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT xid, id FROM replication_change ORDER BY xid, id LIMIT 1")
        first = cursor.fetchone()
    return first is not None and position < Position(*first)


def find_position_from_end(alias: str, n_after: int) -> Position | None:
    """Return the position that has ``n_after`` entries after it; None in a shorter log."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT xid, id FROM replication_change ORDER BY xid DESC, id DESC LIMIT 1 OFFSET %s",
            [n_after],
        )
        row = cursor.fetchone()
    return Position(*row) if row else None


def read_end(alias: str) -> tuple[Position, int] | None:
    """Return the last settled position of the log with its version; None for an empty log."""
    condition = "" if connections[alias].vendor == "sqlite" else f"WHERE xid < {_XMIN_SQL}"
    with connections[alias].cursor() as cursor:
        cursor.execute(
            f"SELECT xid, id, version FROM replication_change {condition}"
            " ORDER BY xid DESC, id DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return (Position(row[0], row[1]), row[2]) if row else None


@dataclass(frozen=True, slots=True)
class LogSize:
    """How long a log is (at most ``n_entries``), and for how long the other database is away.

    ``share`` is how much that is of what is allowed, by whichever is nearer to its bound; from 1
    on, entries go that the other database has not read.
    """

    n_entries: int
    days_away: float
    share: float

    @property
    def is_long(self) -> bool:
        """Whether it is more than half of what it may be."""
        return self.share > 0.5


def measure_log(alias: str) -> LogSize:
    """Return the size of the log of ``alias``, by a look at both ends of an index."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT min(id), max(id) FROM replication_change")
        first, last = cursor.fetchone()
    n_entries = last - first + 1 if first is not None else 0
    down_since = read_mark(other(alias), Mark.DOWN).since
    days_away = (time.time() - down_since) / 86_400 if down_since else 0.0
    share = max(n_entries / settings.CHANGE_LOG_ENTRIES, days_away / settings.CHANGE_LOG_DAYS)
    return LogSize(n_entries, days_away, share)


def find_position_since(alias: str, version: int) -> Position | None:
    """Return the place of the first entry that is as new as ``version``; None if none is."""
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT xid, id FROM replication_change WHERE version >= %s ORDER BY xid, id LIMIT 1",
            [version],
        )
        row = cursor.fetchone()
    return Position(*row) if row else None


def read_log_id(alias: str) -> str:
    """Return the identity of the log; a recreated file or a dump loaded elsewhere has another."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT log_id FROM replication_state")
        log_id = cursor.fetchone()[0]
        if connections[alias].vendor == "postgresql":
            cursor.execute("SELECT system_identifier FROM pg_control_system()")
            log_id += f"/{cursor.fetchone()[0]}"
    return log_id


MAX_COUNTED = 10_000
"""The most entries that are counted for a lag: a count of millions would keep the page waiting."""


@dataclass(frozen=True, slots=True)
class Lag:
    """The part of a log that its reader has not applied; ``seconds`` is its oldest entry's age.

    Of more than ``MAX_COUNTED`` entries so many are counted, and ``has_more`` says so.
    """

    n_entries: int
    seconds: float
    has_more: bool

    def __str__(self) -> str:
        more = "more than " if self.has_more else ""
        return f"{more}{self.n_entries:,} change{'' if self.n_entries == 1 else 's'}"


def measure_lag(alias: str, after: Position) -> Lag:
    """Return the lag of a reader that has applied the log up to ``after``."""
    return _measure(alias, "(xid, id) > (%s, %s)", [after.xid, after.change_id])


def measure_lag_since(alias: str, since: float) -> Lag:
    """Return the lag of a database that went down at ``since`` (seconds since 1970).

    ``since`` is by the machine's clock, versions are by the database's clock with its offset.
    """
    # SQLite's clock has whole milliseconds: its versions may be slightly older than the change.
    condition = f"version >= %s + {_CLOCK_OFFSET_SQL} * %s"
    return _measure(alias, condition, [version_at(since - 0.002), VERSIONS_A_MICROSECOND])


def _measure(alias: str, condition: str, params: Sequence[int]) -> Lag:
    now = f"{clock_sql(connections[alias].vendor)} + {_CLOCK_OFFSET_SQL}"
    with connections[alias].cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), min(version), {now} FROM (SELECT version FROM replication_change"
            f" WHERE {condition} ORDER BY xid, id LIMIT %s) AS unread",
            [*params, MAX_COUNTED + 1],
        )
        n_entries, oldest, microseconds = cursor.fetchone()
    seconds = microseconds / 1e6 - time_of(oldest).timestamp() if oldest is not None else 0.0
    return Lag(min(n_entries, MAX_COUNTED), max(0.0, seconds), n_entries > MAX_COUNTED)


def _last_change_id(alias: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = 'replication_change'")
        row = cursor.fetchone()
    return row[0] if row else 0


def log_again(alias: str, key: RowKey) -> None:
    """Give a row the version in ``key`` and log it, as if it had just been changed here."""
    xid = "0" if connections[alias].vendor == "sqlite" else "pg_current_xact_id()::text::bigint"
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "INSERT INTO replication_rowversion (table_name, row_pk, version, deleted)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT (table_name, row_pk) DO UPDATE"
            " SET version = excluded.version, deleted = excluded.deleted",
            [key.table, key.pk, key.version, key.deleted],
        )
        cursor.execute(
            "INSERT INTO replication_change (table_name, row_pk, version, xid)"
            f" VALUES (%s, %s, %s, {xid})",
            [key.table, key.pk, key.version],
        )


def log_images(alias: str, images: Sequence[RowImage]) -> None:
    """Append an entry for each image, whose version is recorded already."""
    xid = "0" if connections[alias].vendor == "sqlite" else "pg_current_xact_id()::text::bigint"
    with connections[alias].cursor() as cursor:
        cursor.executemany(
            "INSERT INTO replication_change (table_name, row_pk, version, xid)"
            f" VALUES (%s, %s, %s, {xid})",
            [(image.table, image.pk, image.version) for image in images],
        )


def log_as_deleted(connection: BaseDatabaseWrapper, table: str, pk: str) -> None:
    """Give a row that does not exist a version made now, as a deleted one, and log it."""
    vendor = connection.vendor
    greatest = GREATEST_SQL[vendor]
    xid = "0" if vendor == "sqlite" else "pg_current_xact_id()::text::bigint"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO replication_rowversion AS known (table_name, row_pk, version, deleted)"
            f" VALUES (%s, %s, {new_version_sql(vendor)}, %s)"
            " ON CONFLICT (table_name, row_pk) DO UPDATE SET deleted = excluded.deleted,"
            f" version = {greatest}(excluded.version, {next_version_sql(vendor, 'known.version')})"
            " RETURNING version",
            [table, pk, True],
        )
        [version] = cursor.fetchone()
        cursor.execute(
            "INSERT INTO replication_change (table_name, row_pk, version, xid)"
            f" VALUES (%s, %s, %s, {xid})",
            [table, pk, version],
        )
