"""System checks that need the database (``check --database default --database postgres``)."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from .databases import has_two_databases
from .triggers import find_uncaptured_tables


@register(Tags.database)
def check_capture(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Check that every mirrored table has its triggers."""
    if not has_two_databases():
        return []
    return [
        Error(
            f"Changes of {name} in the database {alias!r} would not reach the other one.",
            hint="Run: manage.py init_db",
            id="replication.E001",
        )
        for alias in databases or []
        for name in find_uncaptured_tables(connections[alias])
    ]
