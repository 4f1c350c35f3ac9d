"""Nobody waits for a server that does not answer: invariant 7 and the traps about time."""

import sqlite3
import threading
import time

import pytest
from django.db import DatabaseError, OperationalError, connections, transaction

from accounts.models import User
from tunetrace_site.replication import versions
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.failures import Meaning, diagnose
from tunetrace_site.replication.marks import is_behind, is_down
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.router import current_alias, pinned
from tunetrace_site.replication.triggers import install_triggers
from tunetrace_site.replication.unit import run_unit
from tunetrace_site.replication.write_queue import writer_turn

from .rows import assert_equal_databases, change_only

A_DEADLINE = 1.5  # one second of patience, and a busy machine


def make(user_id):
    return User.objects.create(user_id=user_id)


def timed(action):
    began = time.monotonic()
    result = action()
    return time.monotonic() - began, result


def test_frozen_server_is_waited_for_once(pair, sync):
    run_unit(lambda: make("before"))
    pair.server.freeze()
    first, _ = timed(lambda: run_unit(lambda: make("first")))
    second, _ = timed(lambda: run_unit(lambda: make("second")))
    pair.server.thaw()
    assert 0.9 < first < 1 + A_DEADLINE
    assert second < 0.9
    sync()
    assert len(assert_equal_databases()) == 3


def test_frozen_server_is_not_waited_for_longer_by_a_new_connection(pair):
    connections[POSTGRES].close()
    pair.server.freeze()
    seconds, _ = timed(lambda: run_unit(lambda: make("ann")))
    pair.server.thaw()
    assert 0.9 < seconds < 1 + A_DEADLINE


def test_hanging_network_is_like_a_frozen_server(proxied, sync):
    run_unit(lambda: make("before"))
    proxied.hang()
    seconds, _ = timed(lambda: run_unit(lambda: make("meanwhile")))
    assert seconds < 1 + A_DEADLINE
    assert is_down(POSTGRES)
    proxied.resume()
    sync()
    assert len(assert_equal_databases()) == 2
    assert current_alias() == POSTGRES


def test_cut_connection_is_replaced_without_a_failover(proxied):
    run_unit(lambda: make("before"))
    proxied.cut()
    run_unit(lambda: make("after"))
    assert not is_down(POSTGRES)
    assert len(assert_equal_databases()) == 2


def test_cut_connection_during_write_through_is_replaced(proxied, settings):
    settings.DB_READ_PREFERENCE = "sqlite"
    run_unit(lambda: make("before"))
    proxied.cut()
    run_unit(lambda: make("after"))
    assert not is_behind(POSTGRES)
    assert len(assert_equal_databases()) == 2


def test_refused_connections_fail_over_at_once(proxied, sync):
    run_unit(lambda: make("before"))
    proxied.refuse()
    seconds, _ = timed(lambda: run_unit(lambda: make("after")))
    assert seconds < 1
    proxied.resume()
    sync()
    assert len(assert_equal_databases()) == 2


def test_lost_commit_does_not_connect_again_to_wait_once_more(pair):
    """Django would switch autocommit on over a new connection: another deadline."""
    with pinned(POSTGRES):
        began = time.monotonic()
        with pytest.raises(OperationalError), transaction.atomic(using=POSTGRES):
            make("ann")
            pair.server.freeze()
        seconds = time.monotonic() - began
    pair.server.thaw()
    assert seconds < 1 + A_DEADLINE


def test_statement_timeout_of_the_server_fails_over(pair, sync):
    def slow_on_postgres():
        if current_alias() == POSTGRES:
            with connections[POSTGRES].cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = 50")
                cursor.execute("SELECT pg_sleep(0.5)")
        make("ann")

    run_unit(slow_on_postgres)
    assert current_alias() == SQLITE
    sync()
    assert len(assert_equal_databases()) == 1
    assert current_alias() == POSTGRES


def test_deadlock_is_run_again_on_the_same_database(pair):
    runs = []

    def collide_once():
        runs.append(current_alias())
        make(f"run{len(runs)}")
        if len(runs) == 1:
            with connections[POSTGRES].cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE deadlock_detected; END $$")

    run_unit(collide_once)
    assert runs == [POSTGRES, POSTGRES]
    assert [user.user_id for user in User.objects.all()] == ["run2"]


def test_swallowed_connection_error_is_not_acknowledged(pair, sync):
    """Code that catches DatabaseError must not turn a lost unit into a confirmed one."""

    def swallow():
        make("ann")
        if current_alias() == POSTGRES:
            pair.server.kill()
            with pytest.raises(DatabaseError):
                make("ben")

    run_unit(swallow)
    assert current_alias() == SQLITE
    pair.server.start()
    sync()
    assert [user.user_id for user in User.objects.all()] == ["ann"]
    assert_equal_databases()


def test_locked_sqlite_is_waited_for_a_second_then_left_alone(pair, sync, settings):
    settings.DB_READ_PREFERENCE = "sqlite"
    blocker = sqlite3.connect(pair.sqlite_path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    first, _ = timed(lambda: run_unit(lambda: make("first")))
    second, _ = timed(lambda: run_unit(lambda: make("second")))
    blocker.close()
    assert first < 1 + A_DEADLINE
    assert second < 0.9
    sync()
    assert len(assert_equal_databases()) == 2
    assert current_alias() == SQLITE


def test_read_only_sqlite_file_is_left_alone(pair, sync, settings):
    settings.DB_READ_PREFERENCE = "sqlite"
    connections[SQLITE].close()
    connections.settings[SQLITE]["NAME"] = f"file:{pair.sqlite_path}?mode=ro"
    del connections[SQLITE]
    run_unit(lambda: make("ann"))
    assert (is_down(SQLITE), is_behind(SQLITE)) == (True, True)
    connections[SQLITE].close()
    connections.settings[SQLITE]["NAME"] = str(pair.sqlite_path)
    del connections[SQLITE]
    sync()
    assert current_alias() == SQLITE
    assert len(assert_equal_databases()) == 1


@pytest.mark.parametrize("hours", [-1, 1])
def test_clock_of_postgres_an_hour_off_loses_nothing(pair, sync, monkeypatch, hours):
    """A commit stranded in PostgreSQL must not beat what SQLite acknowledged after it."""
    run_unit(lambda: make("ann"))
    real = versions._CLOCK_SQL["postgresql"]
    skewed = {**versions._CLOCK_SQL, "postgresql": f"({real} + {hours * 3_600_000_000})"}
    monkeypatch.setattr(versions, "_CLOCK_SQL", skewed)
    install_triggers(connections[POSTGRES])
    sync()
    change_only(POSTGRES, lambda: User.objects.update(display_name="stranded"))
    time.sleep(0.03)
    with pinned(SQLITE):
        run_unit(lambda: User.objects.update(display_name="acknowledged"))
    sync()
    assert_equal_databases()
    assert User.objects.get().display_name == "acknowledged"
    monkeypatch.undo()
    install_triggers(connections[POSTGRES])


def test_machine_clock_that_jumps_back_keeps_the_order(pair, monkeypatch):
    """Both clocks go back an hour; later changes are still the newer ones."""
    relay = Relay()
    relay.run_pass()
    change_only(POSTGRES, lambda: make("ann"))
    relay.run_pass()
    back = {vendor: f"({sql} - 3600000000)" for vendor, sql in versions._CLOCK_SQL.items()}
    monkeypatch.setattr(versions, "_CLOCK_SQL", back)
    for alias in (SQLITE, POSTGRES):
        install_triggers(connections[alias])
    relay.run_pass()
    change_only(POSTGRES, lambda: User.objects.update(display_name="stranded"))
    time.sleep(0.03)
    change_only(SQLITE, lambda: User.objects.update(display_name="acknowledged"))
    relay.run_pass()
    relay.run_pass()
    assert_equal_databases()
    assert User.objects.get().display_name == "acknowledged"
    monkeypatch.undo()
    install_triggers(connections[POSTGRES])


def test_integrity_error_is_a_refusal(pair):
    run_unit(lambda: make("ann"))
    with pytest.raises(DatabaseError) as raised:
        run_unit(lambda: make("ann"))
    assert diagnose(raised.value) is Meaning.REFUSED
    assert not is_down(POSTGRES)


def test_busy_sqlite_is_the_last_resort_when_postgres_fails_too(pair, sync, settings):
    """A full queue is no fault: with nowhere else to go the unit queues a second time."""
    settings.DB_READ_PREFERENCE = "sqlite"
    run_unit(lambda: make("before"))
    held, release = threading.Event(), threading.Event()

    def hold_the_turn():
        with writer_turn(SQLITE):
            held.set()
            release.wait(2.0)

    holder = threading.Thread(target=hold_the_turn)
    holder.start()
    held.wait()
    pair.server.kill()
    run_unit(lambda: make("meanwhile"))
    holder.join()
    pair.server.start()
    sync()
    assert len(assert_equal_databases()) == 2
