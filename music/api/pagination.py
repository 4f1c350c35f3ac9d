"""Parts of long lists: the rows, how many there are, and where the next part is."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from music.domain.like_lists import LikePages


def take_part(
    request: Request, rows: QuerySet[Any] | LikePages, asked: dict[str, Any]
) -> tuple[list[Any], dict[str, str]]:
    """Return the rows that ``ListQuerySerializer`` asked for, and the headers for them.

    The headers hold the number of all rows, and the addresses of the parts before and after.
    """
    start, limit = asked["offset"], asked.get("limit")
    part = list(rows[start : None if limit is None else start + limit])
    is_whole = start == 0 and limit is None
    n_rows = len(part) if is_whole else rows.count()
    headers = {"X-Total-Count": str(n_rows)}
    links = _list_links(request, start, limit, n_rows) if limit is not None else []
    if links:
        headers["Link"] = ", ".join(links)
    return part, headers


def _list_links(request: Request, start: int, limit: int, n_rows: int) -> list[str]:
    starts = {}
    if start > 0:
        starts["prev"] = max(start - limit, 0)
    if start + limit < n_rows:
        starts["next"] = start + limit
    return [f'<{_link_to(request, offset)}>; rel="{name}"' for name, offset in starts.items()]


def _link_to(request: Request, offset: int) -> str:
    query = request.query_params.copy()
    query["offset"] = str(offset)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
