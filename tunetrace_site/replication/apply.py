"""Write rows read from one database into the other; the newer version of a row wins."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain
from typing import Any, TypeVar

from django.conf import settings
from django.db import connections, transaction

from .databases import POSTGRES
from .images import RowImage, RowKey
from .log import Position, log_images
from .models import Cursor, Rekeyed
from .tables import MirroredTable, mirrored_tables, read_types, to_parameters
from .versions import derived_version, is_moved
from .write_queue import writer_turn

Item = TypeVar("Item")

# SQLite takes 32,766 parameters in one statement (since 3.32).
_MAX_PARAMETERS = 8000
_KEYS_PER_QUERY = 500

_logs_receipts: ContextVar[bool] = ContextVar("logs_receipts", default=True)


def apply_images(alias: str, images: Sequence[RowImage], cursor: Cursor | None = None) -> int:
    """Write the images that are newer than what ``alias`` holds, in one transaction.

    Applying the same images again, or in another order, gives the same result. ``cursor`` moves in
    the same transaction. Foreign keys are checked at the commit, so neither rows nor tables need an
    order. Returns how many images were newer. Raises ``IntegrityError`` or ``DataError`` when the
    database refuses a row.
    """
    with writer_turn(alias), transaction.atomic(using=alias):
        n_won = 0
        if images:
            with capture_suspended(alias):
                n_won = write_newer(alias, images)
        if cursor is not None:
            _move_cursor(alias, cursor)
    return n_won


@contextmanager
def capture_suspended(alias: str) -> Iterator[None]:
    """Suspend change capture in the block, in a transaction.

    The changes come from the other log.
    """
    _suspend_capture(alias, True)
    yield
    _suspend_capture(alias, False)


def _suspend_capture(alias: str, suspended: bool) -> None:
    with connections[alias].cursor() as cursor:
        if connections[alias].vendor == "sqlite":
            cursor.execute("UPDATE replication_state SET applying = %s", [suspended])
        else:
            word = "on" if suspended else "off"
            cursor.execute("SELECT set_config('tunetrace.applying', %s, true)", [word])


def is_capture_suspended(alias: str) -> bool:
    """Return whether the changes this session makes now are left out of the change log."""
    with connections[alias].cursor() as cursor:
        if connections[alias].vendor == "sqlite":
            cursor.execute("SELECT applying FROM replication_state")
        else:
            cursor.execute("SELECT current_setting('tunetrace.applying', true) = 'on'")
        row = cursor.fetchone()
    return bool(row and row[0])


@contextmanager
def receipts_not_logged() -> Iterator[None]:
    """Do not log applied rows as received in the block: the caller sends every row anyway."""
    token = _logs_receipts.set(False)
    try:
        yield
    finally:
        _logs_receipts.reset(token)


def write_newer(alias: str, images: Sequence[RowImage]) -> int:
    """Record the versions that are newer, then write their rows; return how many there were."""
    won = claim_versions(alias, images)
    if followed := claim_versions(alias, list(follow_new_keys(alias, won))):
        won += followed
    if _logs_receipts.get() or (alias == POSTGRES and settings.SEVERAL_MACHINES):
        _log_receipt(alias, won)
    elif followed:
        # The other side knows the new key as well, but may not know that its row is deleted.
        log_images(alias, followed)
    deleted: dict[str, list[RowImage]] = defaultdict(list)
    present: dict[str, list[RowImage]] = defaultdict(list)
    for image in won:
        (deleted if image.deleted else present)[image.table].append(image)
    # Deletions first: a new row may take the unique value that a deleted one gave up.
    for name, gone in deleted.items():
        _delete_rows(alias, mirrored_tables()[name], gone)
    for name, rows in present.items():
        _upsert_rows(alias, mirrored_tables()[name], rows)
    return len(won)


def claim_versions(alias: str, images: Sequence[RowImage]) -> list[RowImage]:
    """Record the versions of the images that are newer than the known ones; returns those."""
    won: set[tuple[str, str]] = set()
    for part in split_rows(images, n_columns=4):
        rows = [(image.table, image.pk, image.version, image.deleted) for image in part]
        source, params = row_source(alias, ("varchar", "varchar", "bigint", "boolean"), rows)
        sql = f"""INSERT INTO replication_rowversion AS known (table_name, row_pk, version, deleted)
            {source} ON CONFLICT (table_name, row_pk) DO UPDATE
            SET version = excluded.version, deleted = excluded.deleted
            WHERE known.version < excluded.version RETURNING table_name, row_pk"""
        with connections[alias].cursor() as cursor:
            cursor.execute(sql, params)
            won.update(cursor.fetchall())
    return [image for image in images if (image.table, image.pk) in won]


def find_unknown(alias: str, keys: Sequence[RowKey]) -> list[RowKey]:
    """Return those of ``keys`` whose version is newer than the one ``alias`` knows for the row."""
    unknown: set[tuple[str, str]] = set()
    for part in split_rows(keys, n_columns=3):
        rows = [(key.table, key.pk, key.version) for key in part]
        source, params = row_source(alias, ("varchar", "varchar", "bigint"), rows)
        sql = f"""WITH sent (table_name, row_pk, version) AS ({source})
            SELECT sent.table_name, sent.row_pk FROM sent
            LEFT JOIN replication_rowversion known
              ON known.table_name = sent.table_name AND known.row_pk = sent.row_pk
            WHERE known.version IS NULL OR known.version < sent.version"""
        with connections[alias].cursor() as cursor:
            cursor.execute(sql, params)
            unknown.update(cursor.fetchall())
    return [key for key in keys if (key.table, key.pk) in unknown]


def _log_receipt(alias: str, images: Sequence[RowImage]) -> None:
    """Log rows received from the other database, in the order in which they arrived.

    If the sender forgets what it committed last (a lagging standby is promoted, a dump restored),
    its cursor in this log goes back too, and the forgotten rows are sent to it from here. Where
    several machines share PostgreSQL, this is also how the relay of one machine finds the rows that
    another machine brought.
    """
    xid = "0" if connections[alias].vendor == "sqlite" else "pg_current_xact_id()::text::bigint"
    for part in split_rows(images, n_columns=3):
        rows = [(image.table, image.pk, image.version) for image in part]
        source, params = row_source(alias, ("varchar", "varchar", "bigint"), rows)
        with connections[alias].cursor() as cursor:
            cursor.execute(
                f"""WITH received (table_name, row_pk, version) AS ({source})
                INSERT INTO replication_change (table_name, row_pk, version, xid)
                SELECT table_name, row_pk, version, {xid} FROM received""",
                params,
            )


def _delete_rows(alias: str, table: MirroredTable, images: Sequence[RowImage]) -> None:
    for part in split_rows(images, n_columns=1):
        marks = ", ".join(["%s"] * len(part))
        with connections[alias].cursor() as cursor:
            cursor.execute(
                f'DELETE FROM "{table.name}" WHERE "{table.pk.column}" IN ({marks})',
                [table.pk.to_python(image.pk) for image in part],
            )


def _upsert_rows(alias: str, table: MirroredTable, images: Sequence[RowImage]) -> None:
    columns = ", ".join(f'"{column}"' for column in table.columns)
    updates = ", ".join(
        f'"{column}" = excluded."{column}"' for column in table.columns if column != table.pk.column
    )
    # Without the length: a cast to varchar(80) would cut a longer text off instead of refusing it.
    types = read_types(table.model, connections[alias])
    for part in split_rows(images, n_columns=len(table.columns)):
        rows = to_parameters(table.fields, [image.row for image in part], connections[alias])
        source, params = row_source(alias, types, rows)
        sql = f"""INSERT INTO "{table.name}" ({columns}) {source}
            ON CONFLICT ("{table.pk.column}") DO UPDATE SET {updates}"""
        with connections[alias].cursor() as cursor:
            cursor.execute(sql, params)


def row_source(
    alias: str, types: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[str, list[Any]]:
    """Return SQL that yields ``rows`` for an INSERT, and its parameters.

    PostgreSQL gets one array per column: a placeholder for each value would cost the driver and the
    server's parser more than everything else.
    """
    if connections[alias].vendor == "sqlite":
        row = f"({', '.join(['%s'] * len(types))})"
        return f"VALUES {', '.join([row] * len(rows))}", list(chain.from_iterable(rows))
    arrays = ", ".join(f"%s::{type_name}[]" for type_name in types)
    return f"SELECT * FROM unnest({arrays})", [list(column) for column in zip(*rows, strict=True)]


def split_rows(rows: Sequence[Item], n_columns: int) -> Iterator[Sequence[Item]]:
    """Return ``rows`` in parts of as many as one statement takes, in order."""
    size = max(1, _MAX_PARAMETERS // n_columns)
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _move_cursor(alias: str, cursor: Cursor) -> None:
    """Move the cursor, forward only: two relays, or a relay and a request, may drain at once."""
    known = Cursor.objects.using(alias).filter(source=cursor.source, log_id=cursor.log_id).first()
    if known and Position(known.xid, known.change_id) >= Position(cursor.xid, cursor.change_id):
        return
    Cursor.objects.using(alias).update_or_create(
        source=cursor.source,
        defaults={
            "log_id": cursor.log_id,
            "xid": cursor.xid,
            "change_id": cursor.change_id,
            "version": cursor.version,
        },
    )


def follow_new_keys(alias: str, images: Sequence[RowImage]) -> Iterator[RowImage]:
    """Return deletions of the new rows for those ``images`` that delete a row by a replaced key.

    A data migration may give a row of ``alias`` another key (``rekey.py``). A process that did not
    know the new key, or a database that had not been migrated, then deletes the row by its old key.
    """
    gone = [image for image in images if image.deleted and not is_moved(image.version)]
    while gone:
        gone = [
            image
            for start in range(0, len(gone), _KEYS_PER_QUERY)
            for image in _follow_once(alias, gone[start : start + _KEYS_PER_QUERY])
        ]
        yield from gone


def _follow_once(alias: str, images: Sequence[RowImage]) -> Iterator[RowImage]:
    keys = [(image.table, image.pk) for image in images]
    found = Rekeyed.objects.using(alias).filter(pk__in=keys)
    moved = {(row.table_name, row.row_pk): (row.new_table_name, row.new_row_pk) for row in found}
    for image in images:
        if new := moved.get((image.table, image.pk)):
            yield RowImage(*new, derived_version(image.version), None)
