"""Row images: the state of a row on its way from one database to the other."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connections

from .tables import MirroredTable, mirrored_tables

_ROWS_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class RowKey:
    """One row of one table, and the version that its database has recorded for it."""

    table: str
    pk: str
    version: int
    deleted: bool


@dataclass(frozen=True, slots=True)
class RowImage:
    """The state of one row at a version; ``values`` in field order, None when it is deleted."""

    table: str
    pk: str
    version: int
    values: tuple[Any, ...] | None

    @property
    def deleted(self) -> bool:
        return self.values is None

    @property
    def row(self) -> tuple[Any, ...]:
        """The values of an existing row; raises ``ValueError`` where it is deleted."""
        if self.values is None:
            raise ValueError(f"{self.table} {self.pk} is deleted and has no values")
        return self.values


def read_images(alias: str, keys: Iterable[RowKey]) -> list[RowImage]:
    """Return the present state of the rows that ``keys`` name.

    The versions were read before, so a row may be newer than its version, never older: its newer
    change has a log entry of its own. A row that is gone although its version says otherwise is
    left out for the same reason: its deletion follows.
    """
    images, alive = [], defaultdict(list)
    for key in keys:
        if key.deleted:
            images.append(RowImage(key.table, key.pk, key.version, None))
        else:
            alive[key.table].append(key)
    for name, wanted in alive.items():
        table = mirrored_tables()[name]
        for start in range(0, len(wanted), _ROWS_PER_QUERY):
            images += _read_rows(alias, table, wanted[start : start + _ROWS_PER_QUERY])
    return images


def _read_rows(alias: str, table: MirroredTable, keys: Sequence[RowKey]) -> Iterator[RowImage]:
    marks = ", ".join(["%s"] * len(keys))
    sql = f'{select_sql(table)} WHERE "{table.pk.column}" IN ({marks})'
    versions = {key.pk: key.version for key in keys}
    for values in fetch_values(alias, table, sql, [table.pk.to_python(key.pk) for key in keys]):
        pk = str(values[table.pk_index])
        yield RowImage(table.name, pk, versions[pk], values)


def select_sql(table: MirroredTable) -> str:
    """Return ``SELECT`` of all columns of a table, in field order."""
    columns = ", ".join(f'"{column}"' for column in table.columns)
    return f'SELECT {columns} FROM "{table.name}"'


def fetch_values(
    alias: str, table: MirroredTable, sql: str, params: Sequence[Any]
) -> Iterator[tuple[Any, ...]]:
    """Run a query for the table's columns; yield rows of Python values as a model would hold."""
    converters = _converters(alias, table)
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    for row in rows:
        values = list(row)
        for index, convert in converters:
            values[index] = convert(values[index])
        yield tuple(values)


@cache
def _converters(alias: str, table: MirroredTable) -> list[tuple[int, Callable[[Any], Any]]]:
    connection, found = connections[alias], []
    for index, field in enumerate(table.fields):
        expression = field.get_col(table.name)
        steps = connection.ops.get_db_converters(expression) + field.get_db_converters(connection)
        if steps:
            found.append((index, _chain(steps, expression, alias)))
    return found


def _chain(steps: list[Callable[..., Any]], expression: Any, alias: str) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, expression, connections[alias])
        return value

    return convert
