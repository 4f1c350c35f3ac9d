"""Write or delete many rows of one database at once, all with one version newer than any other.

Unlike ``apply.py`` nothing is compared with the versions that are there. The caller holds the
transaction, and change capture is suspended in it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connections, models

from tunetrace_site.replication.databases import POSTGRES
from tunetrace_site.replication.tables import MirroredTable, read_type, to_parameters

from .rows import decode_row

_XID_SQL = {"sqlite": "0", "postgresql": "pg_current_xact_id()::text::bigint"}


def insert_rows(
    alias: str, table: MirroredTable, lines: Sequence[bytes], *, only_missing: bool = False
) -> None:
    """Insert rows, each a line of a backup; with ``only_missing`` rows that conflict are skipped.

    PostgreSQL parses the lines itself, since parsing them in Python takes most of the time. SQLite
    gets values instead: its JSON functions would cut a text at a NUL.
    """
    columns = ", ".join(f'"{column}"' for column in table.columns)
    into = f'INSERT INTO "{table.name}" ({columns})'
    on_conflict = "ON CONFLICT DO NOTHING" if only_missing else ""
    with connections[alias].cursor() as cursor:
        if connections[alias].vendor == "sqlite":
            marks = ", ".join(["%s"] * len(table.columns))
            decoded = [decode_row(table, line) for line in lines]
            rows = to_parameters(table.fields, decoded, connections[alias])
            cursor.executemany(f"{into} VALUES ({marks}) {on_conflict}", rows)
        else:
            values = ", ".join(map(_value_sql, range(len(table.fields)), table.fields))
            sql = f"{into} SELECT {values} FROM jsonb_array_elements(%s::jsonb) AS line"
            cursor.execute(f"{sql} {on_conflict}", [_join(lines)])


def _value_sql(index: int, field: models.Field) -> str:
    """Return the SQL for one value of a line in PostgreSQL."""
    # Without the length: a cast to varchar(80) would cut a longer text off instead of refusing it.
    type_name = read_type(field, connections[POSTGRES])
    if type_name == "jsonb":
        return f"nullif(line->{index}, 'null')"
    return f"CAST(line->>{index} AS {type_name})"


def _join(lines: Sequence[bytes]) -> str:
    return f"[{b','.join(lines).decode()}]"


def delete_rows(alias: str, table: MirroredTable, pks: Sequence[Any]) -> None:
    """Delete the rows with these primary keys."""
    marks = ", ".join(["%s"] * len(pks))
    with connections[alias].cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table.name}" WHERE "{table.pk.column}" IN ({marks})', pks)


def set_versions(
    alias: str, table: MirroredTable, pks: Iterable[Any], version: int, *, deleted: bool
) -> None:
    """Record ``version`` as the last change of each row, or as its deletion."""
    keys = [str(pk) for pk in pks]
    into = "INSERT INTO replication_rowversion (table_name, row_pk, version, deleted)"
    on_conflict = (
        "ON CONFLICT (table_name, row_pk) DO UPDATE"
        " SET version = excluded.version, deleted = excluded.deleted"
    )
    with connections[alias].cursor() as cursor:
        if connections[alias].vendor == "sqlite":
            rows = [(table.name, key, version, deleted) for key in keys]
            cursor.executemany(f"{into} VALUES (%s, %s, %s, %s) {on_conflict}", rows)
        else:
            sql = f"{into} SELECT %s, key, %s, %s FROM unnest(%s::varchar[]) AS key {on_conflict}"
            cursor.execute(sql, [table.name, version, deleted, keys])


def log_version(alias: str, version: int) -> None:
    """Append all rows with ``version`` to the change log, as the triggers would have done."""
    xid = _XID_SQL[connections[alias].vendor]
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "INSERT INTO replication_change (table_name, row_pk, version, xid)"
            f" SELECT table_name, row_pk, version, {xid} FROM replication_rowversion"
            " WHERE version = %s ORDER BY table_name, row_pk",
            [version],
        )
