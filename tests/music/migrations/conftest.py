"""Two real databases that hold what the last version without songs left behind."""

import shutil

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from tests.servers.pair import checkpoint, installed
from tests.tunetrace_site.replication.conftest import postgres_server
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.relay import Relay

from .old_site import BEFORE, fill, migrate_to

__all__ = ["postgres_server"]
TEMPLATE, DATABASE = "old_template", "old"


class OldPair:
    """The two databases of one test: SQLite's path, and the server of the other one."""

    def __init__(self, server, sqlite_path) -> None:
        self.server = server
        self.sqlite_path = sqlite_path
        self.url = server.url(DATABASE)


@pytest.fixture(scope="session")
def old_sqlite(postgres_server, tmp_path_factory, django_db_blocker):
    """A SQLite file in step with the PostgreSQL database ``TEMPLATE``, both of the old version."""
    path = tmp_path_factory.mktemp("old") / "template.db"
    postgres_server.create_database(TEMPLATE)
    with (
        django_db_blocker.unblock(),
        installed(path, postgres_server.url(TEMPLATE), path.parent / "state"),
    ):
        for alias in (SQLITE, POSTGRES):
            executor = MigrationExecutor(connections[alias])
            leaves = executor.loader.graph.leaf_nodes()
            executor.migrate([leaf for leaf in leaves if leaf[0] != "music"])
            migrate_to(alias, BEFORE)
        fill()
    checkpoint(path)
    return path


@pytest.fixture
def old_pair(old_sqlite, postgres_server, tmp_path, settings, django_db_blocker):
    """Both in service, as the old version left them, and nothing migrated yet."""
    settings.DB_READ_PREFERENCE = "postgres"
    pair = OldPair(postgres_server, tmp_path / "app.db")
    shutil.copyfile(old_sqlite, pair.sqlite_path)
    postgres_server.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE}")
    with (
        django_db_blocker.unblock(),
        installed(pair.sqlite_path, pair.url, tmp_path / "state"),
    ):
        yield pair
    postgres_server.ensure_running()
    postgres_server.drop_database(DATABASE)


@pytest.fixture
def sync(old_pair):
    def run(n_passes: int = 3) -> list[str]:
        return [event for _ in range(n_passes) for event in Relay().run_pass().events]

    return run
