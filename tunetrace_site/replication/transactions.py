"""A transaction that names no database belongs to the unit of work.

Django opens a bare ``atomic()`` on ``default``. Packages that say so would guard one database and,
by the router, write another one; and they would fail when only the first one is broken.
"""

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from .router import current_alias


def follow_the_unit() -> None:
    """Where ``django.db.transaction`` is told no database, it takes ``current_alias()``.

    All of that module asks one function for its connection, and offers no setting for it.
    """
    transaction.get_connection = _get_connection


def _get_connection(using: str | None = None) -> BaseDatabaseWrapper:
    return connections[using or current_alias()]
