"""SQLite in a file and a real PostgreSQL, as the two databases of this process.

The test session is configured with SQLite alone, as everybody else's tests need it. ``installed``
puts two other databases into Django's connection handler for a while, which takes milliseconds: one
is a copy of a file that was migrated once, the other one is emptied for each test.
"""

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from tunetrace_site import env
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.models import (
    Change,
    Cursor,
    Machine,
    Parked,
    Reconciliation,
    Rekeyed,
    RowVersion,
)
from tunetrace_site.replication.tables import mirrored_tables
from tunetrace_site.replication.triggers import find_uncaptured_tables, install_triggers

from .once import make_once
from .postgres import PostgresServer

DATABASE = "tunetrace"
OWN_TABLES = (Change, RowVersion, Cursor, Parked, Rekeyed, Reconciliation, Machine)


class Templates:
    """One migrated SQLite file, to be copied, and one migrated PostgreSQL database.

    They are migrated once in a run, in ``shared``, which takes ten seconds; then they are copies.
    """

    def __init__(self, server: PostgresServer, directory: Path, shared: Path) -> None:
        self.server = server
        self.sqlite_path = directory / "template.db"
        made = shared / "migrated"
        make_once(made, self._migrate)
        shutil.copyfile(made / "template.db", self.sqlite_path)
        server.create_database(DATABASE)
        server.restore(DATABASE, made / "template.dump")

    def _migrate(self, folder: Path) -> None:
        name = "migrated"
        self.server.create_database(name)
        with installed(folder / "template.db", self.server.url(name), folder / "state"):
            for alias in (SQLITE, POSTGRES):
                call_command("migrate", database=alias, verbosity=0)
        checkpoint(folder / "template.db")
        self.server.dump(name, folder / "template.dump")
        self.server.drop_database(name)

    def copy_sqlite(self, path: Path) -> None:
        """Return a new, empty SQLite database with a log of its own."""
        remove_sqlite(path)
        shutil.copyfile(self.sqlite_path, path)
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE replication_state SET log_id = ?", [str(uuid.uuid4())])
        connection.close()

    def empty_postgres(self) -> None:
        """Reset the PostgreSQL database to its state after the migrations, with a log of its own.

        It is emptied rather than copied, which takes a tenth of the time. A test that left it
        to PostgreSQL alone has dropped the triggers: they are put back.
        """
        with installed(self.sqlite_path, self.server.url(DATABASE), self.sqlite_path.parent):
            tables = [*mirrored_tables(), *(m._meta.db_table for m in OWN_TABLES)]
            with connections[POSTGRES].cursor() as cursor:
                # Fires neither triggers nor foreign keys.
                cursor.execute("SET session_replication_role = replica")
                cursor.execute("; ".join(f'DELETE FROM "{name}"' for name in tables))
                cursor.execute(
                    "UPDATE replication_state SET clock_offset = 0, log_id = %s",
                    [str(uuid.uuid4())],
                )
            if find_uncaptured_tables(connections[POSTGRES]):
                install_triggers(connections[POSTGRES])


class Pair:
    """The two databases of one test."""

    def __init__(self, templates: Templates, directory: Path) -> None:
        self.templates = templates
        self.server = templates.server
        self.name = DATABASE
        self.sqlite_path = directory / "app.db"
        self.state_dir = directory / "state"
        templates.copy_sqlite(self.sqlite_path)
        templates.empty_postgres()

    @property
    def url(self) -> str:
        return self.server.url(self.name)

    def move_sqlite(self, path: Path) -> None:
        """Use the SQLite database at ``path`` from now on."""
        connections[SQLITE].close()
        checkpoint(self.sqlite_path)
        shutil.copyfile(self.sqlite_path, path)
        self.sqlite_path = path
        self._open_sqlite_at(path)

    @contextmanager
    def sqlite_locked(self) -> Iterator[None]:
        """Hold SQLite's only write lock from another program."""
        connection = sqlite3.connect(self.sqlite_path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.close()

    @contextmanager
    def sqlite_unreadable(self) -> Iterator[None]:
        """Put a file that is no database at the path of this process during the block."""
        garbage = self.sqlite_path.with_name("garbage.db")
        garbage.write_text("no database" * 1000)
        self._open_sqlite_at(garbage)
        yield
        self._open_sqlite_at(self.sqlite_path)

    def _open_sqlite_at(self, path: Path) -> None:
        connections.settings[SQLITE]["NAME"] = str(path)
        del connections[SQLITE]

    def replace_sqlite(self) -> None:
        """Lose the file and put an empty one with the current schema in its place."""
        connections[SQLITE].close()
        self.templates.copy_sqlite(self.sqlite_path)

    def replace_postgres(self) -> None:
        """Put another, empty database with the current schema in PostgreSQL's place."""
        connections[POSTGRES].close()
        self.templates.empty_postgres()


@contextmanager
def installed(sqlite_path: Path, postgres_url: str | None, state_dir: Path) -> Iterator[None]:
    """Use these two databases (SQLite alone without a URL) as Django's in the block."""
    with _installed(_configure(sqlite_path, postgres_url), sqlite_path, state_dir):
        yield


@contextmanager
def installed_without_sqlite(
    sqlite_path: Path, postgres_url: str, state_dir: Path, replica_url: str | None = None
) -> Iterator[None]:
    """Use PostgreSQL as the only database in the block, as with ``SQLITE_MIRROR=none``.

    ``sqlite_path`` is where SQLite's file was, or would be.
    """
    databases = {SQLITE: _configure(sqlite_path, postgres_url)[POSTGRES]}
    if replica_url:
        databases["replica-1"] = _configure(sqlite_path, replica_url)[POSTGRES]
    with _installed(databases, sqlite_path, state_dir):
        yield


@contextmanager
def _installed(databases: dict, sqlite_path: Path, state_dir: Path) -> Iterator[None]:
    old_settings, old_file = connections.settings, settings.SQLITE_FILE
    old_state_dir = settings.STATE_DIR
    old_connections = {alias: connections[alias] for alias in old_settings}
    settings.STATE_DIR, settings.SQLITE_FILE = state_dir, str(sqlite_path)
    _replace_connections(databases)
    try:
        yield
    finally:
        connections.close_all()
        _replace_connections(old_settings)
        settings.STATE_DIR, settings.SQLITE_FILE = old_state_dir, old_file
        for alias, connection in old_connections.items():
            connections[alias] = connection


def _replace_connections(databases: dict) -> None:
    for alias in connections.settings:
        if hasattr(connections._connections, alias):
            del connections[alias]
    connections.settings = databases


def _configure(sqlite_path: Path, postgres_url: str | None) -> dict:
    sqlite = settings.DATABASES[SQLITE]
    options = {**sqlite["OPTIONS"], "timeout": 1}
    engine = "tunetrace_site.replication.sqlite" if postgres_url else sqlite["ENGINE"]
    databases = {
        SQLITE: {**sqlite, "ENGINE": engine, "NAME": str(sqlite_path), "OPTIONS": options},
    }
    if postgres_url:
        address = env.parse_postgres_url("POSTGRES_DATABASE_URL", postgres_url)
        databases[POSTGRES] = {
            "ENGINE": "tunetrace_site.replication.postgresql",
            "NAME": address.name,
            "USER": address.user,
            "HOST": address.host,
            "PORT": address.port,
            "CONN_MAX_AGE": None,
            "DISABLE_SERVER_SIDE_CURSORS": True,
            "OPTIONS": {
                "connect_timeout": 2,
                "options": "-c statement_timeout=5000 -c lock_timeout=2000",
            },
        }
    return connections.configure_settings(databases)


def checkpoint(path: Path) -> None:
    """Move a SQLite file's write-ahead log into the file."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def remove_sqlite(path: Path) -> None:
    """Delete a SQLite file with its write-ahead log."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
