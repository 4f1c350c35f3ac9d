"""No page, API route or admin list reads whole tables of PostgreSQL (SQLite: tests/test_growth.py).

What is read is what ``EXPLAIN (ANALYZE)`` says of every statement that was sent.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from tests.test_growth import Visits, grow, small_index  # noqa: F401
from tunetrace_site.replication import databases
from tunetrace_site.replication.databases import POSTGRES, SQLITE, postgres_connection
from tunetrace_site.replication.marks import Mark, is_down, set_marks
from tunetrace_site.replication.unit import run_unit

WAYS_OF_SMALL_TABLES = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
MAX_ROWS = 500
"""More than any page needs, and fewer than any table holds here."""


@contextmanager
def counting_rows() -> Iterator[Callable[[], int]]:
    """Give a function that returns how many rows the block's worst statement reads."""
    sent: list[tuple[str, Any]] = []

    def record(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().startswith("SELECT"):
            sent.append((sql, params))
        return execute(sql, params, many, context)

    with connections[POSTGRES].execute_wrapper(record):
        yield lambda: max((_count_rows(*statement) for statement in sent), default=0)


def _count_rows(sql: str, params: Any) -> int:
    with connections[POSTGRES].cursor() as cursor:
        # Small tables are read whole because that is quicker: here it counts what large ones need.
        for way in WAYS_OF_SMALL_TABLES:
            cursor.execute(f"SET {way} = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        n_rows = _count_rows_of(cursor.fetchone()[0][0]["Plan"])
        for way in WAYS_OF_SMALL_TABLES:
            cursor.execute(f"RESET {way}")
    return n_rows


def _count_rows_of(node: dict[str, Any]) -> int:
    parts = node.get("Plans", ())
    n_rows = sum(_count_rows_of(part) for part in parts)
    if "Relation Name" in node:
        a_loop = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        n_rows += round(a_loop * node["Actual Loops"])
    return n_rows


def grow_without_triggers(n_rows: int) -> None:
    """``grow`` in a third of the time: the change log need not know of it."""
    with connections[POSTGRES].cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    grow(n_rows)


@pytest.fixture
def patient(pair, monkeypatch):
    """PostgreSQL may take a minute: for 20,000 rows in one statement, on a busy machine."""
    monkeypatch.setattr(databases, "PATIENCE_SECONDS", 60.0)  # of the connections of threads
    with postgres_connection().patience(60.0):
        yield


@pytest.mark.usefixtures("pair", "patient", "small_index")
@pytest.mark.parametrize("n_rows", [800, pytest.param(20_000, marks=pytest.mark.slow)])
def test_no_statement_reads_a_whole_table(n_rows):
    set_marks(SQLITE, Mark.DOWN)  # the rows need be in PostgreSQL only
    run_unit(lambda: grow_without_triggers(n_rows))
    visits = run_unit(Visits)
    counts = visits.measure(counting_rows)
    assert not is_down(POSTGRES)
    assert max(counts.values()) > 0
    assert [f"{name}: {n} rows" for name, n in counts.items() if n > MAX_ROWS] == []
