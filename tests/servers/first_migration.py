"""A new SQLite file gets a copy of what the migrations made once in this run."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

_OWN_ROWS = {"sqlite_sequence", "replication_state"}
"""Tables whose rows each database has for itself, and that are filled after the migrations."""


@contextmanager
def copied_first_migration(template: Path) -> Iterator[None]:
    """Migrate an empty SQLite by copying ``template``, which is migrated and otherwise empty.

    The migrations from nothing take five seconds of processor time, most of it for the models of
    each step in between. A database that has tables is migrated as ever.
    """
    migrate = MigrationExecutor.migrate

    def copy_or_migrate(self: MigrationExecutor, targets, *args: object, **more: object):
        is_new = self.connection.vendor == "sqlite" and not self.loader.applied_migrations
        if not is_new or set(targets) != set(self.loader.graph.leaf_nodes()):
            return migrate(self, targets, *args, **more)
        _copy(template, self.connection)
        return self.loader.project_state()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MigrationExecutor, "migrate", copy_or_migrate)
        yield


def _copy(template: Path, connection: BaseDatabaseWrapper) -> None:
    """Copy tables, indexes and rows, not the triggers: those are for two databases only."""
    source = sqlite3.connect(template)
    made = source.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'index')"
        " AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type DESC"
    ).fetchall()
    with connection.cursor() as cursor:
        cursor.execute('DROP TABLE IF EXISTS "django_migrations"')
        for _, _, sql in made:
            cursor.execute(sql)
        for kind, name, _ in made:
            if kind == "table" and name not in _OWN_ROWS:
                rows = source.execute(f'SELECT * FROM "{name}"').fetchall()
                if rows:
                    places = ", ".join(["%s"] * len(rows[0]))
                    cursor.executemany(f'INSERT INTO "{name}" VALUES ({places})', rows)
    source.close()
