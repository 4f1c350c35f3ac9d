"""Migrations that drop what only older code uses, and wait until no older process can be serving.

A deployment may run the migrations while processes of the old version go on serving. The columns
and tables that those need stay until then; a migration that drops them is a ``ContractMigration``.
It is applied to

- a database that is new, or whose peer has had it already;
- any database at a start at which no other process has the SQLite file open;
- any database when an operator says that all processes are of the new version
  (``init_db --contract``). With several machines, or without SQLite, nobody else can know that.
"""

import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connections, migrations
from django.db.migrations.loader import MigrationLoader

from .databases import SQLITE, has_sqlite, has_two_databases, other
from .failures import DATABASE_ERRORS

# Every connection to a SQLite file with a write-ahead log holds a lock on this byte of the
# shared-memory file (UNIX_SHM_DMS in SQLite's os_unix.c). The question is asked by a process of its
# own: closing a file gives up all locks that a process holds on it, also those of its other
# connections.
_ASK_FOR_ALL_OF_IT = """
import fcntl, sys
with open(sys.argv[1], "r+b") as index:
    fcntl.lockf(index, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 128)
"""
Target = tuple[str, str]


class ContractMigration(migrations.Migration):
    """A migration after which a process of the old code could not serve any more."""


def list_leaves(alias: str) -> list[Target]:
    """Return the last migrations of the installed code."""
    return MigrationLoader(connections[alias]).graph.leaf_nodes()


def find_targets(alias: str, *, contract: bool = False) -> list[Target]:
    """Return the migrations (app, name) to bring ``alias`` to, at least one per app.

    These are the last ones of the installed code, except that contract migrations which must wait
    are left out; with ``contract`` none has to wait.
    """
    loader = MigrationLoader(connections[alias])
    leaves = loader.graph.leaf_nodes()
    waiting = _find_waiting(loader)
    if not waiting or contract or _may_contract(alias, loader, waiting):
        return leaves
    kept = [leaf for leaf in leaves if leaf[0] not in {app for app, _ in waiting}]
    return kept + [_before_the_first(loader, app, waiting) for app in {app for app, _ in waiting}]


def _find_waiting(loader: MigrationLoader) -> set[Target]:
    return {
        key
        for key, migration in loader.disk_migrations.items()
        if isinstance(migration, ContractMigration) and key not in loader.applied_migrations
    }


def _before_the_first(loader: MigrationLoader, app: str, waiting: set[Target]) -> Target:
    """Return the last migration of ``app`` before its first contract (migrations are linear)."""
    [leaf] = loader.graph.leaf_nodes(app)
    line = [key for key in loader.graph.forwards_plan(leaf) if key[0] == app]
    return line[min(line.index(key) for key in waiting if key[0] == app) - 1]


def _may_contract(alias: str, loader: MigrationLoader, waiting: set[Target]) -> bool:
    apps = {app for app, _ in waiting}
    if not any(app in apps for app, _ in loader.applied_migrations):
        return True
    if has_two_databases() and _is_contracted(other(alias), waiting):
        return True
    is_one_machine = has_sqlite() and not settings.SEVERAL_MACHINES
    return is_one_machine and not _is_open_elsewhere()


def _is_contracted(alias: str, waiting: set[Target]) -> bool:
    try:
        applied = MigrationLoader(connections[alias]).applied_migrations
    except DATABASE_ERRORS:
        return False
    return waiting <= applied.keys()


def _is_open_elsewhere() -> bool:
    """Return whether another process or thread has the SQLite database open."""
    connections[SQLITE].close()
    index = Path(f"{connections[SQLITE].settings_dict['NAME']}-shm")
    if not index.exists():
        return False
    asked = [sys.executable, "-c", _ASK_FOR_ALL_OF_IT, str(index)]
    return subprocess.run(asked, stderr=subprocess.DEVNULL, check=False).returncode != 0
