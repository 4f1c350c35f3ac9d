"""No moment of a migration lets a write be acknowledged that no trigger captured (invariant 11).

Whoever writes beside the migration here is another connection or process, as everybody is.
"""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
from django.core.management import call_command
from django.db import OperationalError, connections, models
from django.db.migrations.executor import MigrationExecutor

from accounts.models import ServiceKey, User
from tests.servers.pair import installed
from tests.servers.site import ROOT
from tunetrace_site.replication import relay as relay_module
from tunetrace_site.replication import schema, unit
from tunetrace_site.replication.background import run_relay
from tunetrace_site.replication.databases import POSTGRES, SQLITE, other
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.marks import Mark, is_down, is_in_service, set_marks
from tunetrace_site.replication.models import Change
from tunetrace_site.replication.router import candidates, current_alias
from tunetrace_site.replication.schema import migrate, needs_migration
from tunetrace_site.replication.triggers import find_uncaptured_tables, install_triggers
from tunetrace_site.replication.unit import run_unit, unit_of_work

from .rows import add_listener, assert_equal_databases, change_only

BEFORE_THE_LAST = ("accounts", "0005_audit_entries")
"""What comes after it adds a column to ``accounts_servicekey``, which nothing else depends on."""


@pytest.fixture
def outdated(pair):
    """A function that takes the last migrations of ``accounts`` away from one database."""

    def take_back(alias):
        call_command("migrate", *BEFORE_THE_LAST, database=alias, verbosity=0)
        assert needs_migration(alias)

    yield take_back
    pair.server.ensure_running()
    for alias in (SQLITE, POSTGRES):
        connections[alias].close()
        call_command("migrate", database=alias, verbosity=0)


@pytest.fixture
def during(monkeypatch):
    """A function that runs an action in the middle of each migration, in a thread of its own."""
    results = []

    def run_during(action):
        real_apply = MigrationExecutor.apply_migration

        def apply_and_act(executor, state, migration, **kwargs):
            state = real_apply(executor, state, migration, **kwargs)
            thread = threading.Thread(target=act, args=[action])
            thread.start()
            thread.join(30)
            assert not thread.is_alive()
            return state

        monkeypatch.setattr(MigrationExecutor, "apply_migration", apply_and_act)
        return results

    def act(action):
        try:
            results.append(action())
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    return run_during


def create_user(user_id):
    return run_unit(lambda: User.objects.create(user_id=user_id).user_id)


def test_write_during_the_migration_of_postgres_is_captured(pair, outdated, during, sync):
    """Another program, which knows no marks."""
    outdated(POSTGRES)

    def rename():
        statement = "UPDATE accounts_user SET display_name = 'meanwhile'"
        pair.server.execute(statement, database=pair.name)
        return "renamed"

    with unit_of_work():
        add_listener("ann", n_likes=0)
    sync()
    results = during(rename)
    call_command("migrate", database=POSTGRES, verbosity=0)
    assert set(results) == {"renamed"}
    sync()
    assert_equal_databases()
    assert User.objects.using(SQLITE).get().display_name == "meanwhile"


def test_what_the_migration_itself_writes_is_not_captured(pair, outdated):
    outdated(POSTGRES)
    outdated(SQLITE)
    for alias in (SQLITE, POSTGRES):
        Change.objects.using(alias).all()._raw_delete(alias)
        migrate(alias)
        assert Change.objects.using(alias).count() == 0
        change_only(alias, lambda: add_listener("ann", n_likes=0))
        assert Change.objects.using(alias).count() == 1
        change_only(alias, lambda: User.objects.all().delete())


def test_sqlite_waits_or_refuses_until_its_migration_is_done(pair, outdated, during, monkeypatch):
    """And whoever has waited finds the triggers."""
    monkeypatch.setattr(unit, "_PATIENCE_ALONE_SECONDS", 0.5)
    outdated(SQLITE)
    pair.server.kill()
    set_marks(POSTGRES, Mark.DOWN)
    results = during(lambda: create_user("ann"))
    migrate(SQLITE)
    assert {type(result) for result in results} == {Unavailable}
    assert find_uncaptured_tables(connections[SQLITE]) == []
    create_user("ben")
    assert Change.objects.using(SQLITE).count() == 1


def test_sqlite_is_read_as_it_was_while_it_is_migrated(pair, outdated, during):
    with unit_of_work():
        add_listener("ann")
    outdated(SQLITE)
    results = during(lambda: User.objects.using(SQLITE).count())
    migrate(SQLITE)
    assert set(results) == {1}


def test_failed_migration_of_sqlite_leaves_it_as_it_was(pair, outdated, monkeypatch):
    outdated(SQLITE)

    def fail(*args, **kwargs):
        raise RuntimeError("the power went out")

    monkeypatch.setattr(schema, "equalize_reference_rows", fail)
    with pytest.raises(RuntimeError):
        migrate(SQLITE)
    monkeypatch.undo()
    assert needs_migration(SQLITE)
    assert find_uncaptured_tables(connections[SQLITE]) == []
    with connections[SQLITE].cursor() as cursor:
        cursor.execute("PRAGMA foreign_keys")
        assert cursor.fetchone() == (1,)


class NewTable(models.Model):
    """What a migration would make for a model of the next version."""

    name = models.CharField(max_length=10)

    class Meta:
        app_label = "music"
        managed = False

    def __str__(self) -> str:
        return self.name


def test_new_table_of_postgres_is_never_seen_without_its_triggers(pair, monkeypatch):
    from django.apps import apps

    from tunetrace_site.replication import tables, triggers

    known = tables.mirrored_tables() | {"music_newtable": tables.MirroredTable(NewTable)}
    monkeypatch.setattr(triggers, "mirrored_tables", lambda: known)
    connection = connections[POSTGRES]
    try:
        with connection.schema_editor() as editor:
            editor.create_model(NewTable)
        assert find_uncaptured_tables(connection) == []
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO music_newtable (name) VALUES ('captured')")
            cursor.execute("SELECT table_name FROM replication_change")
            assert cursor.fetchall() == [("music_newtable",)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS music_newtable")
        apps.all_models["music"].pop("newtable", None)


@pytest.mark.parametrize("alias", [SQLITE, POSTGRES])
def test_triggers_are_replaced_without_a_gap(pair, alias):
    """A writer between any two statements finds a trigger."""
    seen = []

    def look_from_outside(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if "TRIGGER" in sql:
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
        return result

    def look():
        seen.append(find_uncaptured_tables(connections[alias]))
        connections.close_all()

    with connections[alias].execute_wrapper(look_from_outside):
        install_triggers(connections[alias])
    assert len(seen) > 20
    assert set(map(tuple, seen)) == {()}


@pytest.mark.parametrize("alias", [SQLITE, POSTGRES])
def test_init_db_lets_the_other_database_serve(pair, outdated, during, alias, capsys, sync):
    outdated(alias)
    sync()
    leaders = during(lambda: (current_alias(), create_user("ann")))
    call_command("init_db")
    assert {leader for leader, _ in leaders[:1]} == {other(alias)}
    assert "rows exchanged." in capsys.readouterr().out
    assert all(is_in_service(database) for database in (SQLITE, POSTGRES))
    assert len(assert_equal_databases()) == 1


def test_init_db_of_both_exchanges_no_rows_between_two_schemas(pair, outdated, monkeypatch, sync):
    with unit_of_work():
        add_listener("ann")
    outdated(SQLITE)
    outdated(POSTGRES)
    exchanged, real_exchange = [], relay_module.exchange

    def note_schemas(report):
        exchanged.append([needs_migration(alias) for alias in (SQLITE, POSTGRES)])
        return real_exchange(report)

    monkeypatch.setattr(relay_module, "exchange", note_schemas)
    call_command("init_db")
    assert exchanged
    assert {tuple(outdated) for outdated in exchanged} == {(False, False)}
    assert len(assert_equal_databases()) == 4


def test_migration_waits_for_a_table_that_somebody_holds(pair, outdated, capsys):
    outdated(POSTGRES)
    waits = []
    with closing(pair.server.connect(pair.name)) as holder:
        holder.cursor().execute("LOCK TABLE accounts_servicekey IN ACCESS EXCLUSIVE MODE")

        def note_and_release(reason):
            waits.append(reason)
            holder.rollback()

        with pytest.raises(OperationalError, match="lock timeout"):
            migrate(POSTGRES)
        holder.rollback()
        holder.cursor().execute("LOCK TABLE accounts_servicekey IN ACCESS EXCLUSIVE MODE")
        migrate(POSTGRES, 30.0, note_and_release)
    assert waits == ["canceling statement due to lock timeout"]
    assert not needs_migration(POSTGRES)


def test_new_code_takes_an_outdated_database_for_down_and_migrates_it(pair, outdated, sync):
    """Workers of the new version were started without ``init_db``."""
    with unit_of_work():
        add_listener("ann")
    outdated(POSTGRES)
    assert run_unit(lambda: list(ServiceKey.objects.all()), write=False) == []
    assert is_down(POSTGRES)
    assert current_alias() == SQLITE
    create_user("ben")
    assert sync(1) == ["PostgreSQL is caught up", "PostgreSQL is up"]
    assert not needs_migration(POSTGRES)
    assert len(assert_equal_databases()) == 5


@pytest.mark.parametrize("alias", [SQLITE, POSTGRES])
def test_new_code_takes_a_database_without_a_column_for_down(pair, sync, alias):
    with unit_of_work():
        add_listener("ann")
    with connections[alias].cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_user RENAME COLUMN display_name TO older_name")
    try:
        create_user("ben")
        assert is_down(alias)
        assert candidates(write=True) == [other(alias)]
        assert run_unit(lambda: User.objects.get(user_id="ben").display_name, write=False) == ""
    finally:
        connections[alias].close()
        with connections[alias].cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_user RENAME COLUMN older_name TO display_name")
    sync()
    assert len(assert_equal_databases()) == 5


def test_relay_that_begins_to_lead_migrates_what_is_older_than_the_code(pair, outdated):
    outdated(SQLITE)
    outdated(POSTGRES)
    stop = threading.Event()
    thread = threading.Thread(target=run_relay, args=[stop])
    thread.start()
    try:
        for _ in range(200):
            if not any(is_down(a) or needs_migration(a) for a in (SQLITE, POSTGRES)):
                break
            stop.wait(0.1)
    finally:
        stop.set()
        thread.join(20)
    assert all(is_in_service(alias) for alias in (SQLITE, POSTGRES))


@pytest.mark.parametrize("preference", ["postgres", "sqlite"])
def test_old_code_serves_a_new_schema(pair, sync, settings, preference):
    """New columns that are nullable or have a default; one database gets them before the other."""
    settings.DB_READ_PREFERENCE = preference
    for alias in (SQLITE, POSTGRES):
        with connections[alias].cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_user ADD COLUMN mood integer NOT NULL DEFAULT 7")
            cursor.execute("ALTER TABLE music_userlikedsong ADD COLUMN mood integer")
        with unit_of_work():
            add_listener(alias)
        change_only(SQLITE, lambda alias=alias: add_listener(f"{alias} s"))
        change_only(POSTGRES, lambda alias=alias: add_listener(f"{alias} p"))
        sync()
        assert_equal_databases()
    try:
        for alias in (SQLITE, POSTGRES):
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT count(*), min(mood), max(mood) FROM accounts_user")
                assert cursor.fetchone() == (6, 7, 7)
    finally:
        with connections[POSTGRES].cursor() as cursor:
            cursor.execute("ALTER TABLE accounts_user DROP COLUMN mood")
            cursor.execute("ALTER TABLE music_userlikedsong DROP COLUMN mood")


def test_bare_migrate_of_sqlite_alone_is_one_transaction_too(pair, tmp_path):
    """``manage.py migrate`` beside a site: who waits for the file's lock finds all or nothing."""
    alone = tmp_path / "alone.db"
    with closing(sqlite3.connect(alone)) as first:
        # SQLite refuses one of two that switch a file to this mode at once, without waiting.
        first.execute("PRAGMA journal_mode=wal")
    environment = {
        "PATH": os.environ["PATH"],
        "SQLITE_DATABASE_URL": f"sqlite:///{alone}",
        "STATE_DIR": str(tmp_path / "state"),
    }
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    migration = subprocess.Popen(command, cwd=ROOT, env=environment)
    seen = set()
    with installed(alone, None, tmp_path / "state"):
        while migration.poll() is None:
            seen.add(len(connections[SQLITE].introspection.table_names()))
            time.sleep(0.01)  # all the processor is for the migration
        n_tables = len(connections[SQLITE].introspection.table_names())
    assert migration.returncode == 0
    assert seen <= {0, n_tables}
    assert n_tables > 20
