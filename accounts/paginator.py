"""Pages of huge tables."""

from typing import cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

MAX_COUNTED = 10_000


class BoundedPaginator(Paginator):
    """Counts at most ``MAX_COUNTED`` rows: counting a table of millions takes longer than a page.

    Whoever looks for something further back narrows the list by a filter or a search.
    """

    @cached_property
    def count(self) -> int:
        rows = cast(QuerySet, self.object_list)
        # Without what else is read of a row: that may cost a query for each of them.
        return rows.order_by().values("pk")[:MAX_COUNTED].count()
