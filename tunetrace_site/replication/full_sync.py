"""Sends every row both ways: at the first contact of two databases, or after a log was lost.

What a restored database lost is in its peer's rows but not in its peer's log, so both send all
their rows and tombstones; versions decide as always.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connections, transaction

from .apply import apply_images, claim_versions, receipts_not_logged
from .databases import POSTGRES, SQLITE, log_name
from .drain import apply_and_tell
from .images import RowImage, fetch_values
from .keys import start_counting_above_the_rows
from .log import Position, read_end, read_log_id
from .models import Cursor, RowVersion
from .tables import MirroredTable, mirrored_tables
from .versions import first_version
from .write_queue import writer_turn

PAGE_ROWS = 1000

Progress = Callable[[int], None]


def sync_everything(progress: Progress | None = None) -> int:
    """Exchange all rows and tombstones of both databases; return the number of rows changed.

    Where neither row has a version, SQLite's stays. ``progress`` is called with the number of rows
    looked at since its last call.
    """
    ends = {alias: read_end(alias) for alias in (SQLITE, POSTGRES)}
    with receipts_not_logged():
        n_changed = send_everything(SQLITE, POSTGRES, progress)
        n_changed += send_everything(POSTGRES, SQLITE, progress)
    for source, target in ((SQLITE, POSTGRES), (POSTGRES, SQLITE)):
        _start_cursor(source, target, ends[source])
    start_counting_above_the_rows(connections[POSTGRES])
    return n_changed


def send_everything(source: str, target: str, progress: Progress | None = None) -> int:
    """Apply every row and tombstone of ``source`` at ``target``; return how many rows changed."""
    n_changed = 0
    pages = [read_pages(source, table) for table in mirrored_tables().values()]
    for page_source in (*pages, _read_tombstones(source)):
        for page in page_source:
            _record_first_versions(source, page)
            n_changed += apply_and_tell(source, target, page)
            if progress:
                progress(len(page))
    return n_changed


def _record_first_versions(alias: str, images: Sequence[RowImage]) -> None:
    """Give rows older than the triggers a version; without one the peer would send them back."""
    oldest = first_version(connections[alias].vendor)
    without = [image for image in images if image.version == oldest]
    if without:
        with writer_turn(alias), transaction.atomic(using=alias):
            claim_versions(alias, without)


def _start_cursor(source: str, target: str, end: tuple[Position, int] | None) -> None:
    position, version = end or (Position(), 0)
    Cursor.objects.using(target).filter(source=log_name(source)).delete()
    cursor = Cursor(
        source=log_name(source),
        log_id=read_log_id(source),
        xid=position.xid,
        change_id=position.change_id,
        version=version,
    )
    apply_images(target, [], cursor)


def read_pages(
    alias: str, table: MirroredTable, after: object = None, page_rows: int = PAGE_ROWS
) -> Iterator[list[RowImage]]:
    """Yield all rows of a table in pages, in byte order of the primary key, with their versions."""
    while page := read_page(alias, table, after, page_rows):
        yield page
        after = page[-1].row[table.pk_index]


def read_page(alias: str, table: MirroredTable, after: object, page_rows: int) -> list[RowImage]:
    """Return the first ``page_rows`` rows with a primary key above ``after`` (None: any)."""
    columns = ", ".join(f't."{column}"' for column in table.columns)
    page, ordered, params = _select_page(alias, table, after, page_rows)
    key = f'CAST(t."{table.pk.column}" AS VARCHAR(64))'
    sql = (
        f"SELECT {columns}, v.version FROM ({page}) t LEFT JOIN replication_rowversion v"
        f" ON v.table_name = '{table.name}' AND v.row_pk = {key} ORDER BY {ordered}"
    )
    oldest = first_version(connections[alias].vendor)
    return [
        RowImage(table.name, str(values[table.pk_index]), values[-1] or oldest, values[:-1])
        for values in fetch_values(alias, table, sql, params)
    ]


def read_values(
    alias: str, table: MirroredTable, after: object, page_rows: int
) -> list[tuple[Any, ...]]:
    """Return the rows of ``read_page`` without their versions, which take most of its time."""
    page, _, params = _select_page(alias, table, after, page_rows)
    return list(fetch_values(alias, table, page, params))


def _select_page(
    alias: str, table: MirroredTable, after: object, page_rows: int
) -> tuple[str, str, list[object]]:
    """Return a query for a page of rows, the expression it is ordered by, and its parameters."""
    pk = f't."{table.pk.column}"'
    in_bytes = _is_number(table) or connections[alias].vendor == "sqlite"
    ordered = pk if in_bytes else f'{pk} COLLATE "C"'
    columns = ", ".join(f't."{column}"' for column in table.columns)
    bound, params = ("true", []) if after is None else (f"{ordered} > %s", [after])
    sql = (
        f'SELECT {columns} FROM "{table.name}" t WHERE {bound} ORDER BY {ordered} LIMIT {page_rows}'
    )
    return sql, ordered, params


def _is_number(table: MirroredTable) -> bool:
    return table.pk.get_internal_type() not in {"CharField", "TextField"}


def _read_tombstones(alias: str) -> Iterator[list[RowImage]]:
    rows = RowVersion.objects.using(alias).filter(deleted=True).order_by("table_name", "row_pk")
    after = ("", "")
    while page := list(rows.filter(pk__gt=after)[:PAGE_ROWS]):
        yield [RowImage(row.table_name, row.row_pk, row.version, None) for row in page]
        after = (page[-1].table_name, page[-1].row_pk)
