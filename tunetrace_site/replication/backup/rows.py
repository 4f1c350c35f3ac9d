"""Rows as lines of JSON and back; equal rows of both databases give the same bytes."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django.db import models

from tunetrace_site.replication.tables import PLAIN_TYPES, MirroredTable, find_kind

from . import BackupError
from .archive import TableSection

Row = tuple[Any, ...]
_encode = json.JSONEncoder(separators=(",", ":"), default=lambda value: _plain(value)).encode
_decode = json.JSONDecoder().raw_decode
_KEPT_BY_JSON = (*PLAIN_TYPES, models.JSONField)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def encode_row(values: Row) -> bytes:
    """Return the line of a row, with its newline; ``values`` are in field order."""
    return _encode(values).encode() + b"\n"


def read_lines(table: MirroredTable, section: TableSection) -> Iterator[bytes]:
    """Return the lines of a section with their values in the order of the table's fields.

    Raises ``BackupError`` when the columns are not those of the table.
    """
    if table.columns == section.columns:
        return section.lines
    if sorted(table.columns) != sorted(section.columns):
        raise BackupError(f"its table {table.name} has other columns")
    order = [section.columns.index(column) for column in table.columns]
    rows = (_decode(line.decode())[0] for line in section.lines)
    return (encode_row(tuple([row[place] for place in order])) for row in rows)


def decode_row(table: MirroredTable, line: bytes) -> Row:
    """Return the values of a row in field order. Raises ``ValueError`` for any other line."""
    values, _ = _decode(line.decode())
    for index, convert in _decoders(table):
        if values[index] is not None:
            values[index] = convert(values[index])
    return tuple(values)


@cache
def _decoders(table: MirroredTable) -> list[tuple[int, Callable[[Any], Any]]]:
    found = []
    for index, field in enumerate(map(find_kind, table.fields)):
        if isinstance(field, models.DateTimeField):
            found.append((index, datetime.fromisoformat))
        elif not isinstance(field, _KEPT_BY_JSON):
            found.append((index, field.to_python))
    return found


def decode_key(table: MirroredTable, line: bytes) -> Any:
    """Return the primary key in a line."""
    return _decode(line.decode())[0][table.pk_index]
