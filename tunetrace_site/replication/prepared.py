"""Statements of requests that are sent again and again, each with SQL that is written once.

Django builds a query, its SQL and the converters of its columns anew for each use, which takes up
to ten times as long as the database takes to answer. Here that is done once for each database; what
differs from use to use are values in their places (``Slot``), and a list is one value.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState
from django.db.models.expressions import Col, Expression

from .apply import row_source, split_rows
from .tables import read_types, to_parameters

Row = TypeVar("Row", bound=models.Model)


class Slot(Expression):
    """The place of a value in a prepared query: a parameter that each use replaces by its own."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        return "%s", [self]


@models.Field.register_lookup
@models.ForeignObject.register_lookup
class Among(models.Lookup):
    """``field__among=slot``: the field's value is in a list, which is one parameter.

    ``__in`` has a parameter for each value, and so other SQL for each number of them.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        left, params = self.process_lhs(compiler, connection)
        return f"{left} {_AMONG[connection.vendor]}", [*params, self.rhs]


_AMONG = {"sqlite": "IN (SELECT value FROM json_each(%s))", "postgresql": "= ANY(%s)"}


@dataclass(frozen=True, slots=True)
class _Written:
    """A query as SQL for one database; ``converters`` make the values of Python of columns, by
    their place.
    """

    alias: str
    sql: str
    params: tuple[Any, ...]
    names: tuple[str, ...]
    converters: tuple[tuple[int, Callable[..., Any], Any], ...]


class PreparedQuery(Generic[Row]):
    """A query for rows of ``model`` that is written once; made at import, used by any thread.

    ``make`` returns it for the places of its values: ``lambda titles:
    Song.objects.filter(title_key__among=titles).values_list("pk")``. A value is a text, a number, a
    time, or, for ``__among``, a collection of texts or of numbers.
    """

    def __init__(self, model: type[Row], make: Callable[..., models.QuerySet[Row, Any]]) -> None:
        self._model = model
        self._make = make
        self._written: dict[tuple[str, str], _Written] = {}

    def fetch(self, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows for ``values``, of the columns that the query selects."""
        _, rows = self._send(values)
        return rows

    def fetch_slice(self, wanted: slice, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows from ``wanted.start`` up to ``wanted.stop``, both numbers, in the query's
        order; it has no limit of its own.
        """
        limits = wanted.stop - wanted.start, wanted.start
        _, rows = self._send(values, " LIMIT %s OFFSET %s", limits)
        return rows

    def fetch_models(self, *values: Any) -> list[Row]:
        """Return the rows as ``model``; columns that the query leaves out are deferred."""
        written, rows = self._send(values)
        return [restore(self._model, written.alias, written.names, row) for row in rows]

    def find_model(self, *values: Any) -> Row | None:
        """Return the first row as ``model``, as ``fetch_models`` does; None where there is none."""
        return next(iter(self.fetch_models(*values)), None)

    def _send(
        self, values: Sequence[Any], ending: str = "", limits: Sequence[int] = ()
    ) -> tuple[_Written, list[tuple[Any, ...]]]:
        """Return the rows for ``values``, and the query as it was sent."""
        connection = connections[router.db_for_read(self._model)]
        written = self._write(connection, len(values))
        asked = [_to_parameter(value, connection) for value in values]
        params = [asked[p.number] if isinstance(p, Slot) else p for p in written.params]
        with connection.cursor() as cursor:
            cursor.execute(written.sql + ending, [*params, *limits])
            found: list[tuple[Any, ...]] = cursor.fetchall()
        if not written.converters or not found:
            return written, found
        columns = list(zip(*found, strict=True))
        for place, convert, expression in written.converters:
            columns[place] = tuple(
                convert(value, expression, connection) for value in columns[place]
            )
        return written, list(zip(*columns, strict=True))

    def _write(self, connection: BaseDatabaseWrapper, n_values: int) -> _Written:
        # The vendor too: a site without SQLite has PostgreSQL under the same name.
        key = connection.alias, connection.vendor
        if key not in self._written:
            query = self._make(*map(Slot, range(n_values))).using(connection.alias).query
            compiler = query.get_compiler(connection.alias)
            sql, params = compiler.as_sql()
            selected = [column for column, _, _ in compiler.select]
            self._written[key] = _Written(
                connection.alias,
                sql,
                tuple(params),
                tuple(
                    column.target.attname if isinstance(column, Col) else "" for column in selected
                ),
                tuple(
                    (place, convert, expression)
                    for place, (steps, expression) in compiler.get_converters(selected).items()
                    for convert in steps
                ),
            )
        return self._written[key]


def restore(model: type[Row], alias: str, columns: Iterable[str], values: Iterable[Any]) -> Row:
    """Return a row that was read from the database ``alias`` as ``model``, others of its columns
    being deferred.

    ``Model.from_db`` looks at every field of the model, at its defaults and at who listens to
    signals, which takes five times as long; a row that is stored has no use for them.
    """
    row = model.__new__(model)
    row.__dict__.update(zip(columns, values, strict=True))
    row._state = ModelState()
    row._state.adding, row._state.db = False, alias
    return row


def _to_parameter(value: Any, connection: BaseDatabaseWrapper) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, (str, int)):
        return value
    return json.dumps(list(value)) if connection.vendor == "sqlite" else list(value)


def insert(rows: Sequence[models.Model]) -> None:
    """Insert new rows of one model, in a unit of work: one statement, or more for many rows.

    Every attribute has a value of Python; a row without a primary key gets that of its natural key.
    Raises ``IntegrityError`` where a row is there already.
    """
    _insert(rows, "")


def insert_missing(rows: Sequence[models.Model]) -> int:
    """Insert as ``insert`` does, leaving out rows that are there; return how many were not."""
    return _insert(rows, "ON CONFLICT DO NOTHING")


def upsert(rows: Sequence[models.Model], unique_field: str, update_fields: Sequence[str]) -> None:
    """Insert as ``insert`` does, or update ``update_fields`` of the rows that are there.

    ``unique_field`` tells which those are.
    """
    if not rows:
        return
    columns = {field.name: f'"{field.column}"' for field in rows[0]._meta.concrete_fields}
    changes = ", ".join(f"{columns[name]} = EXCLUDED.{columns[name]}" for name in update_fields)
    _insert(rows, f"ON CONFLICT ({columns[unique_field]}) DO UPDATE SET {changes}")


def _insert(rows: Sequence[models.Model], ending: str) -> int:
    if not rows:
        return 0
    alias, meta = router.db_for_write(type(rows[0])), rows[0]._meta
    connection, fields = connections[alias], meta.concrete_fields
    for row in rows:
        if row.pk is None:
            row.pk = meta.pk.get_pk_value_on_save(row)
    held = [[getattr(row, field.attname) for field in fields] for row in rows]
    values = to_parameters(fields, held, connection)
    columns = ", ".join(f'"{field.column}"' for field in fields)
    statement = f'INSERT INTO "{meta.db_table}" ({columns})'
    n_inserted = 0
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"{statement} VALUES ({places}) {ending}", values)
            n_inserted = cursor.rowcount
        else:
            # One array a column: with executemany, each row would be a statement of its own.
            types = read_types(type(rows[0]), connection)
            for part in split_rows(values, len(fields)):
                source, arrays = row_source(alias, types, part)
                cursor.execute(f"{statement} {source} {ending}", arrays)
                n_inserted += cursor.rowcount
    for row in rows:
        row._state.adding, row._state.db = False, alias
    return n_inserted
