"""Bring a database to the current schema, and make it ready to be mirrored."""

from typing import Any

from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from .databases import has_two_databases
from .identifiers import equalize_reference_rows, separate_counters
from .models import Change, Cursor, Parked, RowVersion
from .postgresql.base import PATIENCE_SECONDS
from .triggers import drop_triggers, find_uncaptured_tables, install_triggers


def needs_migration(alias: str) -> bool:
    """Whether a migration of the installed code has not been applied to ``alias``."""
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate(alias: str) -> None:
    """Apply all migrations, however long a statement takes."""
    call_command("migrate", database=alias, interactive=False, verbosity=0)


def ensure_capture(alias: str) -> None:
    """With two databases, make sure that triggers watch every mirrored table."""
    connection = connections[alias]
    if has_two_databases() and find_uncaptured_tables(connection):
        separate_counters(connection)
        install_triggers(connection)


def retire_capture(alias: str) -> bool:
    """PostgreSQL is not configured any more: forget log and versions; True if there were any."""
    connection = connections[alias]
    was_captured = drop_triggers(connection) > 0
    if was_captured:
        for model in (Change, RowVersion, Cursor, Parked):
            model.objects.using(alias).all()._raw_delete(alias)
    return was_captured


def before_migrations(sender: Any, using: str, **kwargs: Any) -> None:
    """SQLite loses the triggers of a table that Django rebuilds, or fails over those of another."""
    connection = connections[using]
    if connection.vendor == "postgresql":
        connection.be_patient_for(None)
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
    drop_triggers(connection)


def after_migrations(sender: Any, using: str, **kwargs: Any) -> None:
    """Equal keys for reference rows, separate ranges for counters, triggers where needed."""
    connection = connections[using]
    equalize_reference_rows(using)
    separate_counters(connection)
    if has_two_databases():
        install_triggers(connection)
    if connection.vendor == "postgresql":
        connection.close()
        connection.be_patient_for(PATIENCE_SECONDS)
