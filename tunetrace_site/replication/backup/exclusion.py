"""Keeps everybody but a restore from writing: units of work here, and all other writers."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from tunetrace_site.replication.apply import capture_suspended
from tunetrace_site.replication.databases import (
    POSTGRES,
    SQLITE,
    find_patience,
    has_two_databases,
    postgres_connection,
)
from tunetrace_site.replication.failures import DATABASE_ERRORS, Meaning, diagnose
from tunetrace_site.replication.marks import Mark, clear_mark, is_behind, read_mark, set_marks
from tunetrace_site.replication.relay import sync_lock
from tunetrace_site.replication.tables import mirrored_tables
from tunetrace_site.replication.write_queue import writer_turn

_PATIENCE_SECONDS = 600.0
_TURN_SECONDS = 30.0
_N_LOCK_ATTEMPTS = 5
_SQLITE_CACHE_KIB = 32_768


@contextmanager
def site_reads_only() -> Iterator[list[str]]:
    """Refuse new units of work in the block; yield a list to which restored databases are added.

    A database marked as behind is not written to, so all are marked. At the end a database that is
    not in the list misses what was restored and stays marked, unless nothing was restored.
    """
    done: list[str] = []
    if not has_two_databases():
        yield done
        return
    with sync_lock():
        before = {alias: is_behind(alias) for alias in (SQLITE, POSTGRES)}
        for alias in before:
            set_marks(alias, Mark.BEHIND)
        seen = {alias: read_mark(alias, Mark.BEHIND) for alias in before}
        try:
            yield done
        finally:
            for alias, was_behind in before.items():
                if alias in done or not (done or was_behind):
                    clear_mark(alias, Mark.BEHIND, seen[alias])


@contextmanager
def alone_in(alias: str) -> Iterator[None]:
    """Hold a transaction in which nobody else writes a mirrored row of ``alias``."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        with writer_turn(alias, _TURN_SECONDS):
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA cache_size = -{_SQLITE_CACHE_KIB}")
            with transaction.atomic(using=alias):
                yield
        connection.close()
        return
    postgres_connection().be_patient_for(_PATIENCE_SECONDS)
    try:
        with transaction.atomic(using=alias):
            _lock_tables(alias)
            yield
    finally:
        connection = postgres_connection()
        connection.be_patient_for(find_patience(connection.alias))


def _lock_tables(alias: str) -> None:
    """Lock all tables, waiting for writers that have begun; try again after a deadlock with one."""
    names = ", ".join(f'"{name}"' for name in mirrored_tables())
    with connections[alias].cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"SET LOCAL lock_timeout = '{_TURN_SECONDS:.0f}s'")
    for attempt in range(1, _N_LOCK_ATTEMPTS + 1):
        try:
            with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
                cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
            return
        except DATABASE_ERRORS as error:
            if diagnose(error) is not Meaning.COLLISION or attempt == _N_LOCK_ATTEMPTS:
                raise


@contextmanager
def uncaptured(alias: str) -> Iterator[None]:
    """Log nothing in the block; with SQLite alone nothing is ever logged."""
    if not has_two_databases():
        yield
        return
    with capture_suspended(alias):
        yield
