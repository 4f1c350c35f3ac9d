"""Forget log entries that both databases have applied, and tombstones older than any outage."""

import time

from django.db import connections

from .databases import POSTGRES, SQLITE, other
from .drain import find_cursor
from .versions import version_at

TOMBSTONE_DAYS = 30


def purge_logs() -> None:
    """Delete entries before the reader's cursor (not the one at it) and tombstones of 30 days."""
    for source in (SQLITE, POSTGRES):
        cursor = find_cursor(source, other(source))
        if cursor is not None:
            with connections[source].cursor() as sql:
                sql.execute(
                    "DELETE FROM replication_change WHERE (xid, id) < (%s, %s)",
                    [cursor.xid, cursor.change_id],
                )
                sql.execute(
                    "DELETE FROM replication_rowversion WHERE deleted AND version < %s",
                    [version_at(time.time() - TOMBSTONE_DAYS * 86_400)],
                )
