"""Compares both databases row by row, by digests of key ranges.

It finds damage that was not captured: by a failing disk, an operator's tool or a bug. One page of
each side is in memory at a time, even where one side has lost everything. Differences are settled
by ``repair.py``; ``daily_comparison.py`` compares by itself.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from .databases import POSTGRES, SQLITE
from .full_sync import read_values
from .models import Reconciliation
from .tables import MirroredTable, mirrored_tables
from .write_queue import writer_turn

RANGE_ROWS = 1000

Progress = Callable[[str, int], None]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not the same in both; ``held_by`` names the databases that have it."""

    table: str
    pk: str
    held_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of a comparison of all tables."""

    n_rows: int
    differences: tuple[Difference, ...]
    seconds: float


def compare_databases(progress: Progress | None = None) -> Comparison:
    """Compare every mirrored row. ``progress`` gets the table's name and the rows just compared.

    A row that is being written meanwhile can look different; ``confirm`` compares it again.
    """
    began_at, n_rows, found = time.monotonic(), 0, []
    for name, n_compared, differences in compare_in_steps():
        n_rows += n_compared
        found += differences
        if progress:
            progress(name, n_compared)
    return Comparison(n_rows, tuple(found), time.monotonic() - began_at)


def compare_in_steps(
    range_rows: int = RANGE_ROWS,
) -> Iterator[tuple[str, int, list[Difference]]]:
    """Compare all tables; the caller may pause between two steps.

    Yields for each range of keys (``range_rows`` at most) the table's name, the number of rows and
    those that differ.
    """
    for table in mirrored_tables().values():
        for n_compared, differences in compare_table(table, range_rows):
            yield table.name, n_compared, differences


def compare_table(
    table: MirroredTable, range_rows: int = RANGE_ROWS
) -> Iterator[tuple[int, list[Difference]]]:
    """Yield the number of rows and the differences for ranges of ``range_rows`` keys at most."""
    after = None
    while True:
        pages = [read_values(alias, table, after, range_rows) for alias in (SQLITE, POSTGRES)]
        # After a full page there may be more rows: the range ends where the first full page ends.
        ends = [page[-1][table.pk_index] for page in pages if len(page) == range_rows]
        after = min(ends, default=None)
        here, there = (_rows_up_to(after, table, page) for page in pages)
        yield max(len(here), len(there)), _compare_range(table, here, there)
        if after is None:
            return


def _rows_up_to(end: Any, table: MirroredTable, page: list[Row]) -> list[Row]:
    """Split off the rows up to a key.

    Keys are integers or texts; Python orders texts as both databases do here, by code points.
    """
    return [row for row in page if end is None or row[table.pk_index] <= end]


def _compare_range(table: MirroredTable, here: list[Row], there: list[Row]) -> list[Difference]:
    digests_here, digests_there = _digests(table, here), _digests(table, there)
    if _digest_of_range(digests_here) == _digest_of_range(digests_there):
        return []
    pks = dict.fromkeys([*digests_here, *digests_there])
    return [
        Difference(table.name, pk, _holders(pk, digests_here, digests_there))
        for pk in pks
        if digests_here.get(pk) != digests_there.get(pk)
    ]


def _holders(pk: str, here: dict[str, bytes], there: dict[str, bytes]) -> tuple[str, ...]:
    return tuple(alias for alias, rows in ((SQLITE, here), (POSTGRES, there)) if pk in rows)


def _digests(table: MirroredTable, rows: list[Row]) -> dict[str, bytes]:
    return {str(row[table.pk_index]): digest_row(row) for row in rows}


def _digest_of_range(rows: dict[str, bytes]) -> bytes:
    total = hashlib.blake2b(digest_size=16)
    for pk, digest in rows.items():
        total.update(pk.encode())
        total.update(digest)
    return total.digest()


def digest_row(values: Row) -> bytes:
    """Return 16 bytes that are equal for equal rows, whichever database they were read from."""
    text = json.dumps(values, default=as_text, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def as_text(value: Any) -> str:
    """Return a value unknown to JSON as text, the same whichever database it was read from."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


def confirm(differences: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """Return the ``differences`` that are still there when both rows are read again."""
    confirmed = []
    for difference in differences:
        table = mirrored_tables()[difference.table]
        rows = {alias: _read_one(alias, table, difference.pk) for alias in (SQLITE, POSTGRES)}
        if rows[SQLITE] != rows[POSTGRES]:
            held_by = tuple(alias for alias, row in rows.items() if row is not None)
            confirmed.append(Difference(difference.table, difference.pk, held_by))
    return tuple(confirmed)


def _read_one(alias: str, table: MirroredTable, pk: str) -> bytes | None:
    row = table.model._base_manager.using(alias).filter(pk=pk).values_list(*_names(table)).first()
    return digest_row(row) if row else None


def _names(table: MirroredTable) -> list[str]:
    return [field.attname for field in table.fields]


def record(comparison: Comparison, n_different: int, n_repaired: int = 0) -> None:
    """Store the result of a comparison for the operators, in both databases.

    SQLite's is this machine's; PostgreSQL's remains if SQLite's file is lost.
    """
    for alias in (SQLITE, POSTGRES):
        with writer_turn(alias), transaction.atomic(using=alias):
            Reconciliation.objects.using(alias).create(
                n_rows=comparison.n_rows,
                n_different=n_different,
                n_repaired=n_repaired,
                seconds=comparison.seconds,
            )
