"""Forget log entries that have been applied, and tombstones older than any outage allowed."""

import time
from datetime import UTC, datetime

from django.conf import settings
from django.db import connections

from .databases import POSTGRES, SQLITE, other
from .drain import find_cursor
from .models import Cursor, Rekeyed
from .versions import version_at

LONGEST_OUTAGE_DAYS = 30


def purge_logs() -> None:
    """Delete log entries before the reader's cursor (not the one at it) and old tombstones.

    PostgreSQL's log has several readers where several machines share it: there entries stay for the
    longest outage allowed. A reader that was away longer is sent everything (full_sync.py).
    """
    began = time.time() - LONGEST_OUTAGE_DAYS * 86_400
    oldest = version_at(began)
    for source in (SQLITE, POSTGRES):
        cursor = find_cursor(source, other(source))
        if cursor is not None:
            _purge_log(source, cursor, oldest)
            with connections[source].cursor() as sql:
                sql.execute(
                    "DELETE FROM replication_rowversion WHERE deleted AND version < %s", [oldest]
                )
            known_before = Rekeyed.objects.using(source).filter(
                rekeyed_at__lt=datetime.fromtimestamp(began, UTC)
            )
            known_before.delete()


def _purge_log(source: str, cursor: Cursor, oldest: int) -> None:
    condition, params = "(xid, id) < (%s, %s)", [cursor.xid, cursor.change_id]
    if source == POSTGRES and settings.SEVERAL_MACHINES:
        condition, params = f"{condition} AND version < %s", [*params, oldest]
    with connections[source].cursor() as sql:
        sql.execute(f"DELETE FROM replication_change WHERE {condition}", params)
