"""The names of the two databases, and which is the peer of which."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.db import connections

if TYPE_CHECKING:  # the backends import this module
    from .postgresql.base import DatabaseWrapper as PostgresConnection
    from .sqlite.base import DatabaseWrapper as SqliteConnection

SQLITE = "default"
POSTGRES = "postgres"
# The database where there is only one: SQLite, or PostgreSQL with SQLITE_MIRROR=none.
ALONE = "default"
ONLY_ONE = (
    "There is only one database: set POSTGRES_DATABASE_URL, and no SQLITE_MIRROR=none, for a"
    " second one."
)
PATIENCE_SECONDS = 1.0
# With no other database to go to: as long as the server itself works at a statement (settings.py).
_PATIENCE_ALONE_SECONDS = 5.0
_REPLICA_PREFIX = "replica-"
_DISPLAY_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def has_two_databases() -> bool:
    """Return whether PostgreSQL is configured beside SQLite."""
    return POSTGRES in connections.settings


def has_sqlite() -> bool:
    """Return whether SQLite is one of the databases; not so with ``SQLITE_MIRROR=none``."""
    return connections[SQLITE].vendor == "sqlite"


def display_name(alias: str) -> str:
    """Return the name of the database for people: SQLite or PostgreSQL."""
    return _DISPLAY_NAMES[connections[alias].vendor]


def list_replicas() -> tuple[str, ...]:
    """Return the aliases of the only database's replicas (``POSTGRES_REPLICA_URLS``)."""
    return tuple(alias for alias in connections.settings if alias.startswith(_REPLICA_PREFIX))


def find_patience(alias: str) -> float:
    """Return the seconds that a request waits for one answer of this PostgreSQL.

    Short where another database can answer instead.
    """
    has_alternative = has_two_databases() or alias.startswith(_REPLICA_PREFIX)
    return PATIENCE_SECONDS if has_alternative else _PATIENCE_ALONE_SECONDS


def postgres_connection() -> "PostgresConnection":
    """Return this thread's connection to PostgreSQL, an instance of our own backend."""
    return cast("PostgresConnection", connections[POSTGRES if has_two_databases() else ALONE])


def sqlite_connection() -> "SqliteConnection":
    """Return this thread's connection to SQLite, of our own backend if PostgreSQL is there too."""
    return cast("SqliteConnection", connections[SQLITE])


@contextmanager
def sqlite_file(alias: str, path: str) -> Iterator[None]:
    """Let ``alias`` name another database of this process in the block: the file at ``path``."""
    described = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }
    connections.settings[alias] = connections.configure_settings({ALONE: described})[ALONE]
    try:
        yield
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def other(alias: str) -> str:
    """Return the alias of the other database."""
    return SQLITE if alias == POSTGRES else POSTGRES


def preferred() -> str:
    """Return the database that leads while it is healthy and caught up."""
    if not has_two_databases():
        return ALONE
    return {"sqlite": SQLITE, "postgres": POSTGRES}[settings.DB_READ_PREFERENCE]


def in_order_of_preference() -> tuple[str, ...]:
    """Return the configured databases, the preferred one first."""
    first = preferred()
    return (first, other(first)) if has_two_databases() else (first,)


def log_name(alias: str) -> str:
    """Return the name under which a reader stores its position in the log of ``alias``.

    Several machines may share one PostgreSQL, each with a SQLite of its own.
    """
    return alias if alias == POSTGRES else f"sqlite-{settings.MACHINE_NUMBER}"


def alias_of(vendor: str) -> str:
    """Return the alias of the database of ``vendor`` (``sqlite`` or ``postgresql``)."""
    return POSTGRES if vendor == "postgresql" and has_two_databases() else SQLITE
