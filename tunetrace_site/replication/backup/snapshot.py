"""Reads everything that is confirmed at one moment, while the site goes on writing.

The moment is that of one read-only transaction: PostgreSQL shows what was committed when it began,
SQLite what its write-ahead log held then. Nobody waits for it. A database that is not marked as
behind after the snapshot was taken holds everything confirmed until then.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, BinaryIO

from django.apps import apps
from django.db import connections, models
from django.db.migrations.loader import MigrationLoader

from tunetrace_site.replication.databases import (
    ALONE,
    POSTGRES,
    SQLITE,
    alias_of,
    display_name,
    has_two_databases,
    log_name,
    other,
    postgres_connection,
)
from tunetrace_site.replication.failures import DATABASE_ERRORS, explain, is_unavailable
from tunetrace_site.replication.full_sync import read_values
from tunetrace_site.replication.images import fetch_values, select_sql
from tunetrace_site.replication.marks import is_behind, is_down
from tunetrace_site.replication.models import Parked
from tunetrace_site.replication.router import candidates
from tunetrace_site.replication.tables import MirroredTable, mirrored_tables

from . import BackupError, backup_described
from .archive import ArchiveWriter, Contents, Header
from .rows import encode_row

PAGE_ROWS = 2000
_PATIENCE_SECONDS = 60.0
_BEGIN = {
    "sqlite": "BEGIN",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
}

Progress = Callable[[str, int], None]


def saved_tables() -> dict[str, MirroredTable]:
    """Return the tables of a backup: the reference tables first, then the mirrored ones."""
    reference = [MirroredTable(apps.get_model(name)) for name in reference_models()]
    return {table.name: table for table in reference} | mirrored_tables()


def reference_models() -> tuple[str, ...]:
    """Return models whose rows follow from the installed code; a restore adds the missing ones."""
    return ("contenttypes.ContentType", "auth.Permission")


@contextmanager
def open_snapshot() -> Iterator[str]:
    """Yield the database to read; in the block it shows what was confirmed when the block began.

    Raises ``BackupError`` when no readable database has everything.
    """
    reasons = []
    for alias in candidates(write=True):
        try:
            _begin(alias)
        except DATABASE_ERRORS as error:
            if not is_unavailable(error):
                raise
            connections[alias].close()
            reasons.append(f"{display_name(alias)} cannot be read ({explain(error)})")
            continue
        if has_two_databases() and is_behind(alias):
            _end(alias)
            continue
        try:
            yield alias
        except DATABASE_ERRORS as error:
            raise BackupError(
                f"{display_name(alias)} failed meanwhile: {explain(error)}"
            ) from error
        finally:
            _end(alias)
        return
    reasons += [f"{display_name(a)} misses changes" for a in (SQLITE, POSTGRES) if _misses(a)]
    raise BackupError("no database can be backed up now: " + ", ".join(reasons))


def _misses(alias: str) -> bool:
    return has_two_databases() and is_behind(alias)


def _begin(alias: str) -> None:
    connection = connections[alias]
    if connection.vendor == "postgresql":
        postgres_connection().be_patient_for(_PATIENCE_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN[connection.vendor])
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL statement_timeout = 0")
        # The snapshot is taken by the first statement that reads.
        cursor.execute("SELECT count(*) FROM django_migrations")


def _end(alias: str) -> None:
    with suppress(*DATABASE_ERRORS), connections[alias].cursor() as cursor:
        cursor.execute("ROLLBACK")
    connections[alias].close()


def save_backup(file: BinaryIO, progress: Progress | None = None) -> Contents:
    """Write a backup of everything confirmed now to ``file``; raise ``BackupError`` when it cannot.

    ``progress`` gets the name of a table and the number of rows just written.
    """
    with open_snapshot() as alias:
        header = describe_database(alias)
        return write_archive(file, header, alias, saved_tables(), progress)


def write_archive(
    file: BinaryIO,
    header: Header,
    alias: str,
    tables: dict[str, MirroredTable],
    progress: Progress | None = None,
) -> Contents:
    """Write all rows of ``tables`` in ``alias`` to ``file``, one page in memory at a time."""
    archive = ArchiveWriter(file, header)
    for table in tables.values():
        archive.write_table(table.name, table.columns, _read_pages(alias, table, progress))
    archive.finish()
    return Contents(header, archive.n_rows)


def count_rows_left_out(contents: Contents) -> int:
    """Return how many rows a backup lacks because its database refuses them from the other."""
    source = alias_of(contents.header.taken_from)
    if not has_two_databases() or is_down(other(source)):
        return 0
    try:
        return Parked.objects.using(other(source)).filter(target=log_name(source)).count()
    except DATABASE_ERRORS:
        connections[other(source)].close()
        return 0


def _read_pages(
    alias: str, table: MirroredTable, progress: Progress | None
) -> Iterator[list[bytes]]:
    for rows in read_all_values(alias, table):
        yield [encode_row(row) for row in rows]
        if progress:
            progress(table.name, len(rows))


def read_all_values(alias: str, table: MirroredTable) -> Iterator[list[tuple]]:
    """Yield all rows of a table in pages, in byte order of the primary key; in a transaction."""
    if connections[alias].vendor == "postgresql":
        yield from _read_by_cursor(alias, table)
        return
    after = None
    while page := read_values(alias, table, after, PAGE_ROWS):
        yield page
        after = page[-1][table.pk_index]


def _read_by_cursor(alias: str, table: MirroredTable) -> Iterator[list[tuple]]:
    """Read by a cursor: PostgreSQL has no index in byte order, and so sorts once, not per page."""
    is_text = isinstance(table.pk, models.CharField | models.TextField)
    collation = ' COLLATE "C"' if is_text else ""
    name = f"all_of_{table.name}"
    with connections[alias].cursor() as cursor:
        cursor.execute(
            f'DECLARE "{name}" NO SCROLL CURSOR FOR {select_sql(table)}'
            f' ORDER BY "{table.pk.column}"{collation}'
        )
        while page := list(fetch_values(alias, table, f'FETCH {PAGE_ROWS} FROM "{name}"', [])):
            yield page
        cursor.execute(f'CLOSE "{name}"')


def describe_database(alias: str) -> Header:
    """Return the header of a backup of ``alias`` taken now; raise ``BackupError`` if outdated."""
    if not has_current_schema(alias):
        raise BackupError(
            f"the schema of {display_name(alias)} is not that of this code: back it up with the "
            "code that serves, or run init_db first"
        )
    return Header(
        made_at=datetime.now(UTC),
        taken_from=connections[alias].vendor,
        migrations=find_migrations(alias),
        histories=tuple(find_histories()),
        facts=describe_code(),
    )


def describe_code() -> dict[str, str]:
    """Return what the applications add to the header, such as the version of the catalogue."""
    facts: dict[str, str] = {}
    answers: list[tuple[Any, Any]] = backup_described.send(sender=None)
    for _, told in answers:
        facts |= told
    return facts


def find_migrations(alias: str) -> tuple[str, ...]:
    """Return the migrations applied to a database, as ``app.name``, in order."""
    applied = MigrationLoader(connections[alias]).applied_migrations
    installed = {config.label for config in apps.get_app_configs()}
    return tuple(sorted(f"{app}.{name}" for app, name in applied if app in installed))


def has_current_schema(alias: str) -> bool:
    """Return whether a database has all migrations of the installed code, and no others."""
    loader, applied = MigrationLoader(connections[alias]), set(find_migrations(alias))
    return find_needed_migrations(loader) <= applied <= find_known_migrations(loader)


def find_needed_migrations(loader: MigrationLoader) -> set[str]:
    """Return the migrations that a database of the installed code has, as ``app.name``."""
    return {f"{app}.{name}" for app, name in loader.graph.nodes}


def find_known_migrations(loader: MigrationLoader) -> set[str]:
    """Return all migrations of this code as ``app.name``, with those squashed into others."""
    return {f"{app}.{name}" for app, name in loader.disk_migrations}


def find_histories() -> Iterator[str]:
    """Yield a name for each database that answers; a copy has the same name, a new one another."""
    for alias in (SQLITE, POSTGRES) if has_two_databases() else (ALONE,):
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT min(applied) FROM django_migrations")
                yield f"{connections[alias].vendor} {cursor.fetchone()[0]}"
        except DATABASE_ERRORS:
            connections[alias].close()
