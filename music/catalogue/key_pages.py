"""Whole tables, read page by page in the order of their keys.

No page takes long, however large the table: a database that must answer within a second does, and
this process never holds more than one page of rows.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Max, QuerySet

PAGE = 5_000
_COUNTED_PAGE = 20_000


def read_pages(rows: QuerySet[Any], *columns: str, size: int = PAGE) -> Iterator[list[tuple]]:
    """Yield the values of ``columns`` of all ``rows`` by ascending key, page by page.

    The first of ``columns`` is the key. A row that is written meanwhile may be missing.
    """
    ordered, last = rows.order_by("pk").values_list(*columns), None
    while page := list((ordered if last is None else ordered.filter(pk__gt=last))[:size]):
        yield page
        last = page[-1][0]


def count_pages(rows: QuerySet[Any]) -> int:
    """Return the number of ``rows``."""
    ordered, last, n_rows = rows.order_by("pk").values("pk"), None, 0
    while True:
        page = (ordered if last is None else ordered.filter(pk__gt=last))[:_COUNTED_PAGE]
        counted = page.aggregate(n=Count("pk"), last=Max("pk"))
        n_rows, last = n_rows + counted["n"], counted["last"]
        if counted["n"] < _COUNTED_PAGE:
            return n_rows
