"""Change capture by triggers: every transaction that changes a mirrored row also logs the change.

A trigger raises the row's version and appends to the change log. The entry names the row; what is
sent to the other database is the row as it is when it is read (images.py). ``schema.py`` says how
triggers survive migrations; a trigger is replaced in such a way that the table is never without it.
"""

import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from itertools import chain

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from .tables import MirroredTable, mirrored_tables
from .versions import new_version_sql, next_version_sql

_PREFIX = "tunetrace_capture"
_SQLITE_EVENTS = {"INSERT": ("NEW", 0), "UPDATE": ("NEW", 0), "DELETE": ("OLD", 1)}


def install_triggers(connection: BaseDatabaseWrapper) -> None:
    """Capture every change from now on; replaces triggers of an older version of the code."""
    # SQLite cannot replace a trigger in one statement. PostgreSQL can, and locks one table at a
    # time.
    is_sqlite = connection.vendor == "sqlite"
    together = transaction.atomic(using=connection.alias) if is_sqlite else nullcontext()
    with together, connection.cursor() as cursor:
        _ensure_state_row(cursor)
        for statement in _statements(connection.vendor, find_existing_tables(connection)):
            cursor.execute(statement)


def postgres_capture_statements(table_name: str) -> list[str]:
    """Return the statements that capture a PostgreSQL table; none when it is not mirrored."""
    table = mirrored_tables().get(table_name)
    return _statements("postgresql", [table]) if table else []


def drop_triggers(connection: BaseDatabaseWrapper) -> int:
    """Stop capturing; return how many triggers there were. Log and versions stay."""
    with connection.cursor() as cursor:
        found = _find_triggers(cursor, connection.vendor)
        for name, table in found:
            suffix = "" if connection.vendor == "sqlite" else f' ON "{table}"'
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{suffix}')
    return len(found)


def find_uncaptured_tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the mirrored tables of this database that have no triggers."""
    n_expected = {"sqlite": len(_SQLITE_EVENTS), "postgresql": 2}[connection.vendor]
    with connection.cursor() as cursor:
        found = [table for _, table in _find_triggers(cursor, connection.vendor)]
    tables = find_existing_tables(connection)
    return [table.name for table in tables if found.count(table.name) != n_expected]


def find_existing_tables(connection: BaseDatabaseWrapper) -> list[MirroredTable]:
    """Return the mirrored tables that exist; some are missing while a migration is under way."""
    existing = set(connection.introspection.table_names())
    return [table for name, table in mirrored_tables().items() if name in existing]


def _ensure_state_row(cursor) -> None:  # noqa: ANN001 (Django's cursor wrapper has no public type)
    cursor.execute("SELECT count(*) FROM replication_state")
    if cursor.fetchone()[0] == 0:
        cursor.execute(
            "INSERT INTO replication_state (id, applying, clock_offset, log_id)"
            " VALUES (1, %s, 0, %s)",
            [False, str(uuid.uuid4())],
        )


def _find_triggers(cursor, vendor: str) -> list[tuple[str, str]]:  # noqa: ANN001
    if vendor == "sqlite":
        sql = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
    else:
        sql = (
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND t.tgname LIKE %s"
            " AND c.relnamespace = current_schema()::regnamespace"
        )
    cursor.execute(sql, [f"{_PREFIX}%"])
    return cursor.fetchall()


def _statements(vendor: str, tables: Sequence[MirroredTable]) -> list[str]:
    if vendor == "sqlite":
        return list(chain.from_iterable(_sqlite_triggers(table) for table in tables))
    pk_columns = sorted({table.columns[table.pk_index] for table in tables})
    functions = [_postgres_function(column) for column in pk_columns]
    return functions + list(chain.from_iterable(_postgres_triggers(table) for table in tables))


def _sqlite_triggers(table: MirroredTable) -> list[str]:
    statements = []
    for event, (row, deleted) in _SQLITE_EVENTS.items():
        name = f"{_PREFIX}_{table.name}_{event.lower()}"
        statements.append(f'DROP TRIGGER IF EXISTS "{name}"')
        statements.append(_sqlite_trigger(table, name, event, row, deleted))
    return statements


def _sqlite_trigger(table: MirroredTable, name: str, event: str, row: str, deleted: int) -> str:
    column = f'"{table.pk.column}"'
    key = f"'{table.name}', CAST({row}.{column} AS TEXT)"
    guard = (
        "SELECT RAISE(ABORT, 'primary keys of mirrored rows never change')"
        f" WHERE OLD.{column} IS NOT NEW.{column};"
        if event == "UPDATE"
        else ""
    )
    following = next_version_sql("sqlite", "replication_rowversion.version")
    return f"""
        CREATE TRIGGER "{name}" AFTER {event} ON "{table.name}"
        WHEN NOT (SELECT applying FROM replication_state) BEGIN
          {guard}
          INSERT INTO replication_rowversion (table_name, row_pk, version, deleted)
            VALUES ({key}, {new_version_sql("sqlite")}, {deleted})
            ON CONFLICT (table_name, row_pk) DO UPDATE SET
              version = max(excluded.version, {following}), deleted = excluded.deleted;
          INSERT INTO replication_change (table_name, row_pk, version, xid)
            SELECT table_name, row_pk, version, 0 FROM replication_rowversion
            WHERE (table_name, row_pk) = ({key});
        END"""


def _postgres_function(pk_column: str) -> str:
    following = next_version_sql("postgresql", "known.version")
    return f"""
        CREATE OR REPLACE FUNCTION {_PREFIX}_{pk_column}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
          changed_pk text := CASE TG_OP WHEN 'DELETE' THEN OLD."{pk_column}"
                             ELSE NEW."{pk_column}" END::text;
          made_version bigint;
        BEGIN
          IF TG_OP = 'UPDATE' AND OLD."{pk_column}" <> NEW."{pk_column}" THEN
            RAISE EXCEPTION 'primary keys of mirrored rows never change';
          END IF;
          INSERT INTO replication_rowversion AS known (table_name, row_pk, version, deleted)
            VALUES (TG_TABLE_NAME, changed_pk, {new_version_sql("postgresql")}, TG_OP = 'DELETE')
            ON CONFLICT (table_name, row_pk) DO UPDATE SET
              version = greatest(excluded.version, {following}), deleted = excluded.deleted
            RETURNING version INTO made_version;
          INSERT INTO replication_change (table_name, row_pk, version, xid)
            VALUES (TG_TABLE_NAME, changed_pk, made_version,
                    pg_current_xact_id()::text::bigint);
          RETURN NULL;
        END $$"""


def _postgres_triggers(table: MirroredTable) -> list[str]:
    function = f"{_PREFIX}_{table.pk.column}"
    return [
        f"""CREATE OR REPLACE FUNCTION {_PREFIX}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'TRUNCATE would escape the change log: use DELETE'; END $$""",
        f"""CREATE OR REPLACE TRIGGER {_PREFIX} AFTER INSERT OR UPDATE OR DELETE ON "{table.name}"
            FOR EACH ROW
            WHEN (current_setting('tunetrace.applying', true) IS DISTINCT FROM 'on')
            EXECUTE FUNCTION {function}()""",
        f"""CREATE OR REPLACE TRIGGER {_PREFIX}_truncate BEFORE TRUNCATE ON "{table.name}"
            EXECUTE FUNCTION {_PREFIX}_refuse()""",
    ]
