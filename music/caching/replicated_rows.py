"""Invalidates caches of rows that the replication relay brought from another machine."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tunetrace_site.replication.images import RowImage
from tunetrace_site.replication.tables import mirrored_tables

from . import stack


def forget_rows(images: Iterable[RowImage]) -> None:
    """Invalidate what depends on ``images``, which are committed."""
    rows: defaultdict[str, list[Mapping[str, object]]] = defaultdict(list)
    for image in images:
        if image.table in stack.LISTENER_TABLES | stack.PEOPLE_TABLES:
            columns = mirrored_tables()[image.table].columns
            rows[image.table].append(dict(zip(columns, image.values or (), strict=False)))
    for table, changed in rows.items():
        stack.invalidate_rows(table, changed)
