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
        return rows.order_by()[:MAX_COUNTED].count()
