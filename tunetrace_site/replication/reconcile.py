"""Compare both databases row by row, in digests of key ranges, and repair what differs.

For damage done behind the log's back: a disk that lies, an operator's tool, a bug. One page of each
side is in memory at a time, also where one of them has lost everything.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connections, transaction

from .conflicts import find_key
from .databases import POSTGRES, SQLITE, other, preferred
from .full_sync import read_values
from .images import RowKey
from .log import log_again
from .tables import MirroredTable, mirrored_tables
from .versions import next_version
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
    """What a comparison of everything found."""

    n_rows: int
    differences: tuple[Difference, ...]
    seconds: float


def compare_databases(progress: Progress | None = None) -> Comparison:
    """Compare every mirrored row. ``progress`` gets the table's name and the rows just compared.

    A row that is being written meanwhile can look different: look again before you believe it
    (``confirm``).
    """
    began_at, n_rows, found = time.monotonic(), 0, []
    for table in mirrored_tables().values():
        for n_compared, differences in compare_table(table):
            n_rows += n_compared
            found += differences
            if progress:
                progress(table.name, n_compared)
    return Comparison(n_rows, tuple(found), time.monotonic() - began_at)


def compare_table(table: MirroredTable) -> Iterator[tuple[int, list[Difference]]]:
    """For each range of keys (``RANGE_ROWS`` at most): how many rows, and which of them differ."""
    after = None
    while True:
        pages = [read_values(alias, table, after, RANGE_ROWS) for alias in (SQLITE, POSTGRES)]
        # A full page ends where there may be more: the range ends with the first that does.
        ends = [page[-1][table.pk_index] for page in pages if len(page) == RANGE_ROWS]
        after = min(ends, default=None)
        here, there = (_rows_up_to(after, table, page) for page in pages)
        yield max(len(here), len(there)), _compare_range(table, here, there)
        if after is None:
            return


def _rows_up_to(end: Any, table: MirroredTable, page: list[Row]) -> list[Row]:
    """Keys are integers or texts; Python orders texts as both databases do here, by code points."""
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
    """16 bytes that are equal for equal rows, whichever database they were read from."""
    text = json.dumps(values, default=_plain, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


def confirm(differences: tuple[Difference, ...]) -> tuple[Difference, ...]:
    """Those that still differ when read again."""
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


def repair(differences: tuple[Difference, ...]) -> int:
    """Log the winning side of each row again, newer than both; the relay ships it.

    The side with the newer version wins, the leading database when they are equal.
    """
    for difference in differences:
        keys = {a: find_key(a, difference.table, difference.pk) for a in (SQLITE, POSTGRES)}
        winner = max(keys, key=lambda alias: (keys[alias].version, alias == preferred()))
        newest = max(keys[winner].version, keys[other(winner)].version)
        version = next_version(newest, connections[winner].vendor)
        gone = winner not in difference.held_by
        with writer_turn(winner), transaction.atomic(using=winner):
            log_again(winner, RowKey(difference.table, difference.pk, version, deleted=gone))
    return len(differences)
