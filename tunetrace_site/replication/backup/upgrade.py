"""Brings a backup of an older schema to the present one before any database is touched.

Its rows go into a SQLite file of their own with the old schema, the later migrations (including
data migrations) run there, and the result is written as a backup of today's schema.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tunetrace_site.machine.files import state_path
from tunetrace_site.replication.databases import sqlite_file
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.tables import MirroredTable

from . import BackupError
from .archive import Contents, Header, read_sections
from .bulk import insert_rows
from .destination import open_scratch_file
from .rows import read_lines
from .snapshot import (
    find_known_migrations,
    find_migrations,
    find_needed_migrations,
    saved_tables,
    write_archive,
)

_BATCH_ROWS = 2000
_ALIAS = "upgrade"

Migration = tuple[str, str]


def find_missing_migrations(header: Header) -> list[str]:
    """Return the migrations that the backup does not have yet, as ``app.name``.

    Raises ``BackupError`` for a backup of a schema that this code does not know.
    """
    loader, had = MigrationLoader(None), set(header.migrations)
    if newer := sorted(had - find_known_migrations(loader)):
        raise BackupError(
            f"it is of a newer TuneTrace than this one, which does not know {newer[-1]}: "
            "install that version first"
        )
    return sorted(find_needed_migrations(loader) - had)


@contextmanager
def upgraded(file: BinaryIO, contents: Contents) -> Iterator[tuple[BinaryIO, Contents]]:
    """Yield a backup of today's schema: the given (checked) one, or what migrations make of it."""
    if not find_missing_migrations(contents.header):
        yield file, contents
        return
    with _scratch_database(), open_scratch_file() as newer:
        _load(file, contents.header)
        with pinned(_ALIAS):
            executor = MigrationExecutor(connections[_ALIAS])
            executor.migrate(executor.loader.graph.leaf_nodes())
        header = replace(contents.header, migrations=find_migrations(_ALIAS))
        yield newer, write_archive(newer, header, _ALIAS, saved_tables())


@contextmanager
def _scratch_database() -> Iterator[None]:
    """Create an empty temporary SQLite database in ``STATE_DIR``."""
    with (
        tempfile.TemporaryDirectory(prefix="upgrade-", dir=state_path("").parent) as folder,
        sqlite_file(_ALIAS, str(Path(folder) / "upgrade.db")),
    ):
        yield


def _load(file: BinaryIO, header: Header) -> None:
    """Give the scratch database the schema and the rows of a backup."""
    connection = connections[_ALIAS]
    with pinned(_ALIAS):
        state = _migrate_to(header)
    found = state.apps.get_models(include_auto_created=True)
    tables = {model._meta.db_table: MirroredTable(model) for model in found}
    with connection.cursor() as cursor:
        # Nothing need survive a crash, and the rows come before those that they refer to.
        cursor.execute("PRAGMA synchronous = OFF")
        cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute("BEGIN")
        for section in read_sections(file):
            table = tables.get(section.table)
            if table is None:
                raise BackupError(f"its table {section.table} is not what its migrations make")
            lines = read_lines(table, section)
            while batch := list(islice(lines, _BATCH_ROWS)):
                insert_rows(_ALIAS, table, batch)
        cursor.execute("COMMIT")


def _migrate_to(header: Header) -> ProjectState:
    """Apply the migrations that the backup had."""
    executor = MigrationExecutor(connections[_ALIAS])
    split = (name.partition(".") for name in header.migrations)
    had = {(app, name) for app, _, name in split}
    nodes: set[Migration] = had & set(executor.loader.graph.nodes)
    inner = {
        parent.key for node in nodes for parent in executor.loader.graph.node_map[node].parents
    }
    return executor.migrate(sorted(nodes - inner))
