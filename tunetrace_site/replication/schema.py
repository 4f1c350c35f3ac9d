"""Migrates a database without a moment in which a write escapes its triggers.

PostgreSQL keeps its triggers while it is migrated: only the session that migrates is not captured,
and a new table is created together with them. SQLite must lose its triggers (they prevent Django
from rebuilding a table), so all its migrations are one transaction, and other writers find either
the old triggers or the new ones. Both hold for every writer: processes of the old version of the
code, of another machine, or another program.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from .contracts import find_targets
from .databases import find_patience, has_two_databases, postgres_connection
from .failures import DATABASE_ERRORS, is_lock_refused
from .keys import equalize_reference_rows, separate_counters
from .models import Change, Cursor, Machine, Parked
from .single_database import leave_log, resume_log, was_left
from .triggers import (
    drop_triggers,
    find_existing_tables,
    find_uncaptured_tables,
    install_triggers,
)
from .write_queue import writer_turn

# As long as another process may take to migrate SQLite.
_TURN_SECONDS = 300.0
_PAUSE_SECONDS = 0.5


def needs_migration(alias: str, *, contract: bool = False) -> bool:
    """Return whether a migration of the installed code could be applied to ``alias`` now.

    A migration that must wait (``contracts.py``) does not count, unless ``contract`` is set.
    """
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(find_targets(alias, contract=contract)))


def migrate(
    alias: str,
    patience_seconds: float = 0.0,
    on_wait: Callable[[str], None] = lambda _: None,
    *,
    contract: bool = False,
) -> None:
    """Apply all migrations that need not wait, without a limit on the time of a statement.

    A table that another transaction holds is waited for two seconds at a time, since all others
    queue behind that wait; this is repeated until ``patience_seconds`` are over, and ``on_wait`` is
    called with the reason each time.
    """
    ends_at = time.monotonic() + patience_seconds
    while True:
        try:
            call_command(
                "migrate", database=alias, interactive=False, verbosity=0, contract=contract
            )
            return
        except DATABASE_ERRORS as error:
            connections[alias].close()
            if not is_lock_refused(error) or time.monotonic() > ends_at:
                raise
            on_wait(str(error).strip().splitlines()[0])
            time.sleep(_PAUSE_SECONDS)


@contextmanager
def migrating(alias: str) -> Iterator[None]:
    """Prepare ``alias`` for the migrations that the command ``migrate`` runs in the block."""
    connection = connections[alias]
    if connection.vendor == "postgresql":
        with _being_patient():
            yield
        return
    # One transaction for all, not Django's one per migration: the triggers are absent throughout.
    with (
        writer_turn(alias, _TURN_SECONDS),
        _foreign_keys_unchecked(connection),
        transaction.atomic(using=alias),
    ):
        yield


@contextmanager
def _being_patient() -> Iterator[None]:
    connection = postgres_connection()
    connection.be_patient_for(None)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        yield
    finally:
        # The next session is captured again, and gives up after a second.
        connection.close()
        connection.be_patient_for(find_patience(connection.alias))


@contextmanager
def _foreign_keys_unchecked(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Switch SQLite's foreign keys off before the transaction, as Django's schema editor needs."""
    connection.disable_constraint_checking()
    try:
        yield
    finally:
        if connection.connection is not None:
            connection.enable_constraint_checking()


def ensure_capture(alias: str) -> None:
    """With two databases, make sure that triggers watch every mirrored table."""
    connection = connections[alias]
    if has_two_databases() and find_uncaptured_tables(connection):
        separate_counters(connection)
        with writer_turn(alias):
            _capture(connection)


def _capture(connection: BaseDatabaseWrapper) -> None:
    if connection.vendor == "sqlite":
        with transaction.atomic(using=connection.alias):
            resume_log(connection.alias, find_existing_tables(connection))
            install_triggers(connection)
    elif was_left(connection.alias):
        # The first statement keeps writers out of all tables until every row has its version.
        with _being_patient(), transaction.atomic(using=connection.alias):
            install_triggers(connection)
            resume_log(connection.alias, find_existing_tables(connection))
    else:
        install_triggers(connection)


def retire_capture(alias: str) -> bool:
    """Stop capturing when the other database is not configured any more; return whether it ran.

    PostgreSQL keeps how far it has read the SQLite of each machine (``without_sqlite.py``).
    """
    is_postgres = connections[alias].vendor == "postgresql"
    own = [Change, Parked, Machine if is_postgres else Cursor]
    with writer_turn(alias, _TURN_SECONDS), transaction.atomic(using=alias):
        was_captured = drop_triggers(connections[alias]) > 0
        if was_captured:
            leave_log(alias)
            for model in own:
                model.objects.using(alias).all()._raw_delete(alias)
    return was_captured


def before_migrations(sender: Any, using: str, **kwargs: Any) -> None:
    """Stop capturing what a migration writes: both databases are migrated alike.

    SQLite loses the triggers of a table that Django rebuilds, or fails over those of another.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET tunetrace.applying = 'on'")
    else:
        drop_triggers(connection)


def after_migrations(sender: Any, using: str, **kwargs: Any) -> None:
    """Set equal keys for reference rows, separate ranges for counters, and missing triggers."""
    connection = connections[using]
    equalize_reference_rows(using)
    separate_counters(connection)
    if has_two_databases():
        _capture(connection)
