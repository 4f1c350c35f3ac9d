"""The names of the two databases, and which is the peer of which."""

from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.db import connections

if TYPE_CHECKING:  # the backends import this module
    from .postgresql.base import DatabaseWrapper as PostgresConnection
    from .sqlite.base import DatabaseWrapper as SqliteConnection

SQLITE = "default"
POSTGRES = "postgres"
DISPLAY_NAMES = {SQLITE: "SQLite", POSTGRES: "PostgreSQL"}


def has_two_databases() -> bool:
    """Return whether PostgreSQL is configured beside SQLite."""
    return POSTGRES in connections.settings


def postgres_connection() -> "PostgresConnection":
    """Return this thread's connection to PostgreSQL, an instance of our own backend."""
    return cast("PostgresConnection", connections[POSTGRES])


def sqlite_connection() -> "SqliteConnection":
    """Return this thread's connection to SQLite, of our own backend if PostgreSQL is there too."""
    return cast("SqliteConnection", connections[SQLITE])


def other(alias: str) -> str:
    """Return the alias of the other database."""
    return SQLITE if alias == POSTGRES else POSTGRES


def preferred() -> str:
    """Return the database that leads while it is healthy and caught up."""
    if not has_two_databases():
        return SQLITE
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
    return POSTGRES if vendor == "postgresql" else SQLITE
