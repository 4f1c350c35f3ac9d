"""SQLite's file is deleted, replaced or damaged under a site that goes on."""

import os
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from django.db import close_old_connections, connections

from accounts.models import User
from tests.servers.pair import checkpoint
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.marks import Mark, is_behind, is_down, set_marks
from tunetrace_site.replication.relay import PassReport, Relay
from tunetrace_site.replication.unit import current_alias, run_unit

from .rows import assert_equal_databases, read_all

pytestmark = pytest.mark.usefixtures("quick_first_migration", "preference")


@pytest.fixture(params=["postgres", pytest.param("sqlite", marks=pytest.mark.slow)])
def preference(request, pair, settings):
    """Which database leads: a new file takes seconds to migrate, so one of them in CI."""
    settings.DB_READ_PREFERENCE = request.param
    return request.param


def make(user_id):
    return User.objects.create(user_id=user_id)


def delete(path, *suffixes):
    for suffix in suffixes:
        Path(f"{path}{suffix}").unlink()


def count_listeners(path):
    """As another program sees the file."""
    with sqlite3.connect(path) as connection:
        return connection.execute("SELECT count(*) FROM accounts_user").fetchone()[0]


@pytest.mark.parametrize(
    "suffixes", [("", "-wal", "-shm"), pytest.param(("",), marks=pytest.mark.slow)]
)
def test_deleted_file_is_made_anew_and_filled(pair, sync, suffixes):
    run_unit(lambda: make("before"))
    delete(pair.sqlite_path, *suffixes)
    close_old_connections()  # as Django does when a request begins
    assert (is_down(SQLITE), is_behind(SQLITE), current_alias()) == (True, True, POSTGRES)
    run_unit(lambda: make("meanwhile"))

    sync()

    assert not is_behind(SQLITE)
    assert count_listeners(pair.sqlite_path) == 2
    run_unit(lambda: make("after"))
    assert count_listeners(pair.sqlite_path) == 3
    assert len(assert_equal_databases()) == 3


def test_connection_that_notices_late_takes_nothing_out_of_service(pair, sync):
    """An idle thread holds the lost file long after the relay has made a new one."""
    run_unit(lambda: make("before"))
    idle = connections.create_connection(SQLITE)
    idle.ensure_connection()
    delete(pair.sqlite_path, "", "-wal", "-shm")
    sync()
    idle.close_if_unusable_or_obsolete()
    assert idle.connection is None
    assert (is_down(SQLITE), is_behind(SQLITE)) == (False, False)
    assert pair.sqlite_path.exists()
    assert pair.sqlite_path.with_name("app.db-wal").exists()


def test_relay_notices_a_deleted_file_without_any_request(pair, sync):
    run_unit(lambda: make("before"))
    delete(pair.sqlite_path, "", "-wal", "-shm")
    sync()
    assert count_listeners(pair.sqlite_path) == 1


def test_open_file_serves_until_postgres_has_what_it_holds(pair, sync):
    """Deleted while PostgreSQL is down: what the processes hold open is the only copy."""
    pair.server.kill()
    try:
        run_unit(lambda: make("first"))
        delete(pair.sqlite_path, "", "-wal", "-shm")
        close_old_connections()
        run_unit(lambda: make("second"))
    finally:
        pair.server.start()
    sync()
    assert len(assert_equal_databases()) == 2
    assert count_listeners(pair.sqlite_path) == 2


def test_open_file_is_kept_whatever_happens_to_others(pair, sync):
    """A thread that has not opened it must not make an empty one; nor may the relay."""
    sync()
    pair.server.kill()
    try:
        run_unit(lambda: make("first"))
        delete(pair.sqlite_path, "", "-wal", "-shm")
        assert isinstance(in_new_thread(lambda: run_unit(lambda: make("refused"))), Unavailable)
        assert isinstance(in_new_thread(Relay().run_pass), PassReport)
        assert not is_down(SQLITE)
        set_marks(SQLITE, Mark.DOWN)
        sync()
        assert not is_down(SQLITE)
        connections[SQLITE].close()
        run_unit(lambda: make("second"))
        assert not pair.sqlite_path.exists()
    finally:
        pair.server.start()
    sync()
    assert len(assert_equal_databases()) == 2
    assert count_listeners(pair.sqlite_path) == 2


def in_new_thread(action):
    """What a thread with connections of its own returns, or raises."""
    outcome = []

    def run():
        try:
            outcome.append(action())
        except Unavailable as error:
            outcome.append(error)
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return outcome[0]


def test_old_copy_moved_into_place_does_not_answer_before_it_caught_up(pair, sync, tmp_path):
    run_unit(lambda: make("ann"))
    old_copy = tmp_path / "old.db"
    with sqlite3.connect(pair.sqlite_path) as source, sqlite3.connect(old_copy) as target:
        source.backup(target)
    run_unit(lambda: make("ben"))
    sync()  # as the relay of the site does twice a second
    expected = read_all(POSTGRES)
    os.replace(old_copy, pair.sqlite_path)  # the write-ahead log of the lost file stays
    close_old_connections()
    assert current_alias() == POSTGRES

    sync()

    assert assert_equal_databases() == expected
    assert count_listeners(pair.sqlite_path) == 2


@pytest.mark.parametrize("first_page", [0, 1])
def test_damaged_file_is_set_aside_and_made_anew(pair, sync, first_page):
    run_unit(lambda: make("before"))
    damage(pair.sqlite_path, first_page)
    run_unit(lambda: make("meanwhile"))  # nobody notices
    assert is_behind(SQLITE)

    events = sync()

    assert any(event.startswith("SQLite's file is damaged, and now ") for event in events)
    assert len(list(pair.sqlite_path.parent.glob("app.db.damaged-*"))) >= 1
    assert len(assert_equal_databases()) == 2
    assert count_listeners(pair.sqlite_path) == 2


def test_damaged_file_that_may_be_the_only_copy_stays(pair, sync):
    run_unit(lambda: make("before"))
    pair.server.kill()
    try:
        run_unit(lambda: make("only here"))
        damage(pair.sqlite_path, 1)
        sync()
        assert pair.sqlite_path.exists()
        assert list(pair.sqlite_path.parent.glob("app.db.damaged-*")) == []
    finally:
        pair.server.start()


def damage(path, first_page):
    """Overwrite half the file, from a page on."""
    connections[SQLITE].close()
    checkpoint(path)
    with path.open("r+b") as file:
        file.seek(first_page * 4096)
        file.write(b"garbage!" * (path.stat().st_size // 16))


def test_emptied_file_is_made_anew(pair, sync):
    run_unit(lambda: make("before"))
    os.truncate(pair.sqlite_path, 0)
    close_old_connections()
    assert current_alias() == POSTGRES
    sync()
    assert count_listeners(pair.sqlite_path) == 1
    assert len(assert_equal_databases()) == 1


def test_file_moved_away_and_back_again(pair, sync, tmp_path):
    run_unit(lambda: make("before"))
    connections[SQLITE].close()
    checkpoint(pair.sqlite_path)
    shutil.move(pair.sqlite_path, tmp_path / "away.db")
    run_unit(lambda: make("meanwhile"))
    delete(pair.sqlite_path, "")
    shutil.move(tmp_path / "away.db", pair.sqlite_path)
    sync()
    assert count_listeners(pair.sqlite_path) == 2
    assert len(assert_equal_databases()) == 2
