"""A row is the same after it was a line, whatever its columns hold."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import models

from tunetrace_site.replication.backup import BackupError
from tunetrace_site.replication.backup.archive import TableSection
from tunetrace_site.replication.backup.rows import decode_row, encode_row, read_lines
from tunetrace_site.replication.backup.snapshot import saved_tables

TEXTS = ["", "café", "日本", 'quote " and \\', "line\nbreak", "nul \0", "half \ud800", "1"]
VALUES = {
    models.BooleanField: [True, False],
    models.CharField: TEXTS,
    models.DateField: [date(2026, 11, 29), date(1, 1, 1)],
    models.DateTimeField: [
        datetime(2026, 11, 29, 1, 2, 3, 4, UTC),
        datetime(2026, 11, 29, tzinfo=UTC),
    ],
    models.FloatField: [0.1, -1e300, 3.0],
    models.GenericIPAddressField: ["127.0.0.1", "2001:db8::1"],
    models.IntegerField: [0, -1, 2**62 + 1],
    models.JSONField: [[], {"a": ["café", None, 1.5, True]}, "text", [[1]]],
    models.TextField: TEXTS,
}


def values_of(field):
    target = field.target_field if field.is_relation else field
    kind = next(kind for kind in type(target).__mro__ if kind in VALUES)
    return [*VALUES[kind], None]


@pytest.mark.parametrize("table", saved_tables().values(), ids=lambda table: table.name)
def test_row_is_the_same_after_it_was_a_line(table):
    columns = [values_of(field) for field in table.fields]
    for n in range(max(map(len, columns))):
        row = tuple(values[n % len(values)] for values in columns)
        line = encode_row(row)
        assert line.count(b"\n") == 1
        decoded = decode_row(table, line)
        assert decoded == row
        assert list(map(type, decoded)) == list(map(type, row))


def test_equal_moments_of_different_zones_are_one_line():
    from datetime import timezone

    at = datetime(2026, 11, 29, 12, tzinfo=UTC)
    assert encode_row((at,)) == encode_row((at.astimezone(timezone(timedelta(hours=9))),))


def test_columns_may_be_in_another_order():
    table = saved_tables()["music_dismissal"]
    columns = tuple(reversed(table.columns))
    row = (1, 2, 3, datetime(2026, 11, 29, tzinfo=UTC))
    section = TableSection(table.name, columns, iter([encode_row(tuple(reversed(row)))]))
    assert list(read_lines(table, section)) == [encode_row(row)]


def test_other_columns_are_refused():
    table = saved_tables()["music_dismissal"]
    with pytest.raises(BackupError, match="its table music_dismissal has other columns"):
        read_lines(table, TableSection(table.name, (*table.columns[:-1], "what"), iter([])))
