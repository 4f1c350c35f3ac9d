"""PostgreSQL comes back without what it acknowledged last: nothing that was confirmed is lost.

Each way of losing it is a real one: a standby that lagged is promoted, commits that were not
synchronised are lost in a crash, a dump is restored.
"""

import os
import signal
import threading
import time

import pytest
from django.db import close_old_connections, connections

from accounts.models import User
from music.models import UserLikedSong
from tests.servers.pair import Pair, Templates, installed
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.standby import ReplicatedServer, open_transaction
from tunetrace_site.replication import log, middleware, purge
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.failures import ServerReplaced
from tunetrace_site.replication.marks import (
    Mark,
    is_behind,
    known_server,
    note_server,
    set_marks,
)
from tunetrace_site.replication.purge import purge_logs
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.router import candidates, current_alias
from tunetrace_site.replication.server_identity import may_meet_another_server, read_server
from tunetrace_site.replication.unit import run_unit

from .rows import add_listener, assert_equal_databases, read_all


@pytest.fixture(scope="module")
def replicated_templates(tmp_path_factory, shared_folder, django_db_blocker):
    with running_postgres(kind=ReplicatedServer) as server, django_db_blocker.unblock():
        yield Templates(server, tmp_path_factory.mktemp("replicated"), shared_folder)


@pytest.fixture
def tail(replicated_templates, tmp_path, settings, monkeypatch, django_db_blocker):
    """A joined pair whose PostgreSQL can have a standby; ``ann`` and her likes are in both."""
    settings.DB_READ_PREFERENCE = "postgres"
    monkeypatch.setattr(middleware, "start_relay_thread", lambda: None)
    with django_db_blocker.unblock():
        pair = Pair(replicated_templates, tmp_path)
        with installed(pair.sqlite_path, pair.url, pair.state_dir):
            Relay().run_pass()
            run_unit(lambda: add_listener("ann", n_likes=5))
            Relay().run_pass()
            yield pair
    pair.server.ensure_running()
    pair.server.execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")


def change_the_tail():
    """Acknowledged changes of all kinds, each of its own unit: five likes, an unlike, a flag."""
    for n in range(5):
        run_unit(lambda n=n: like(f"late {n}"))
    run_unit(lambda: UserLikedSong.objects.filter(song_name="ann 1").delete())
    run_unit(lambda: UserLikedSong.objects.filter(song_name="ann 2").update(learn=False))
    run_unit(lambda: add_listener("ben"))


def like(song_name):
    UserLikedSong.objects.create(user=User.objects.get(user_id="ann"), song_name=song_name)


def read_postgres():
    with may_meet_another_server():
        rows = read_all(POSTGRES)
    connections[POSTGRES].close()
    return rows


def relay(n_passes=3):
    runner = Relay()
    return [event for _ in range(n_passes) for event in runner.run_pass().events]


def assert_tail_is_back(expected):
    """What was lost is in both again, and the leader answers."""
    assert assert_equal_databases() == expected
    assert current_alias() == POSTGRES
    assert not is_behind(POSTGRES)
    run_unit(lambda: like("afterwards"))
    assert len(assert_equal_databases()) == len(expected) + 1


@pytest.mark.parametrize("leader", ["postgres", "sqlite"])
@pytest.mark.parametrize("relayed", [False, True], ids=["relay before", "relay between"])
def test_standby_promoted_while_it_lags(tail, settings, leader, relayed):
    settings.DB_READ_PREFERENCE = leader
    standby = tail.server.make_standby()
    standby.stop_receiving()
    change_the_tail()
    if relayed:
        relay(1)
        run_unit(lambda: like("latest"))
    expected = read_all(SQLITE)

    tail.server.fail_over_to(standby)
    connections.close_all()

    assert read_postgres() != expected
    # Nobody reads the old state, not even before the relay has seen it.
    assert run_unit(UserLikedSong.objects.count, write=False) == len(expected) - 2
    assert current_alias() == SQLITE
    settings.DB_READ_PREFERENCE = "postgres"
    relay()
    assert_tail_is_back(expected)


def test_standby_promoted_while_a_transaction_elsewhere_holds_the_cursor_back(tail):
    tail.server.create_database("elsewhere")
    standby = tail.server.make_standby()
    with open_transaction(tail.server, "elsewhere"):
        relay(1)
        standby.wait_until_level()
        standby.stop_receiving()
        change_the_tail()
        relay(1)
        expected = read_all(SQLITE)
        tail.server.fail_over_to(standby)
    connections.close_all()
    relay()
    assert_tail_is_back(expected)
    tail.server.drop_database("elsewhere")


def test_keys_that_a_promoted_standby_forgot_are_not_given_out_again(tail):
    from django.contrib.auth.models import Group

    standby = tail.server.make_standby()
    standby.stop_receiving()
    for n in range(100):
        run_unit(lambda n=n: Group.objects.create(name=f"late {n}"))
    tail.server.fail_over_to(standby)
    connections.close_all()
    relay()
    for n in range(100):
        run_unit(lambda n=n: Group.objects.create(name=f"later {n}"))
    assert Group.objects.count() == 200
    assert_equal_databases()


def test_what_only_postgres_held_is_lost_with_it_and_nothing_else(tail):
    """The bound of the loss: SQLite was away, so there was one copy, and that one was forgotten."""
    standby = tail.server.make_standby()
    standby.stop_receiving()
    change_the_tail()
    expected = read_all(SQLITE)
    with tail.sqlite_locked():
        run_unit(lambda: like("only in PostgreSQL"))
        assert is_behind(SQLITE)
    tail.server.fail_over_to(standby)
    connections.close_all()
    relay()
    assert_tail_is_back(expected)


def test_commits_that_were_not_synchronised_are_lost_in_a_crash(tail):
    tail.server.execute("ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")
    connections.close_all()
    relay(1)
    change_the_tail()
    expected = read_all(SQLITE)
    tail.server.kill()
    tail.server.start()
    connections.close_all()
    assert read_postgres() != expected
    assert run_unit(UserLikedSong.objects.count, write=False) == len(expected) - 2
    relay()
    assert_tail_is_back(expected)


def test_backend_killed_under_a_server_that_does_not_synchronise(tail):
    """The server itself never ended: it restarted its backends, and began its statistics anew."""
    tail.server.execute("ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")
    connections.close_all()
    relay(1)
    change_the_tail()
    expected = read_all(SQLITE)
    pid = tail.server.execute(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'"
    )[0][0]
    os.kill(pid, signal.SIGKILL)
    wait_for_answers(tail.server)
    connections.close_all()
    with pytest.raises(ServerReplaced):
        User.objects.using(POSTGRES).count()
    relay()
    assert_tail_is_back(expected)


def wait_for_answers(server):
    for _ in range(200):
        time.sleep(0.05)
        try:
            server.execute("SELECT 1")
            return
        except Exception:
            continue
    raise TimeoutError


def test_dump_restored_that_was_made_beside_an_open_transaction(tail, tmp_path):
    """The cursor stood still for the open transaction: no entry that was read is missing."""
    server = tail.server
    server.create_database("elsewhere")
    with open_transaction(server, "elsewhere"):
        run_unit(lambda: like("just before"))
        relay(1)
        server.dump(tail.name, tmp_path / "dump")
        change_the_tail()
        relay()
    expected = read_all(SQLITE)
    connections.close_all()
    server.drop_database(tail.name)
    server.create_database(tail.name)
    server.restore(tail.name, tmp_path / "dump")
    assert read_postgres() != expected
    with pytest.raises(ServerReplaced):
        User.objects.using(POSTGRES).count()
    relay()
    assert_tail_is_back(expected)
    server.drop_database("elsewhere")


def test_dump_older_than_what_the_log_keeps_is_sent_everything(tail, tmp_path, monkeypatch):
    monkeypatch.setattr(purge, "KEPT_ENTRIES", 2)
    tail.server.dump(tail.name, tmp_path / "dump")
    change_the_tail()
    relay()
    purge_logs()
    expected = read_all(SQLITE)
    connections.close_all()
    tail.server.drop_database(tail.name)
    tail.server.create_database(tail.name)
    tail.server.restore(tail.name, tmp_path / "dump")
    leaders, sync_everything = [], log.read_end

    def note_the_leader(alias):
        leaders.append(candidates(write=True))
        return sync_everything(alias)

    monkeypatch.setattr("tunetrace_site.replication.full_sync.read_end", note_the_leader)
    events = relay()
    assert any(event.startswith("sending everything both ways") for event in events)
    # It is PostgreSQL that went back, though it is SQLite's log that does not reach so far.
    assert leaders[0] == [SQLITE]
    assert_tail_is_back(expected)


def test_restart_that_lost_nothing_is_no_outage_for_long(tail):
    tail.server.kill()
    tail.server.start()
    events = relay(1)
    assert events == ["PostgreSQL is another server, or was restarted", "PostgreSQL is up"]
    assert current_alias() == POSTGRES
    assert not is_behind(POSTGRES)


def test_cut_connection_to_the_same_server_is_no_other_server(tail):
    connections[POSTGRES].close()
    assert run_unit(User.objects.count, write=False) == 1
    assert current_alias() == POSTGRES


def test_write_ahead_log_that_went_back_under_a_running_server_is_noticed(tail):
    """As when a virtual machine is put back to a snapshot with its memory."""
    identity, position = known_server()
    note_server(identity, position + 2**40)
    connections[POSTGRES].close()
    with pytest.raises(ServerReplaced):
        User.objects.using(POSTGRES).count()
    relay()
    assert known_server() == (identity, read_server().wal_position)
    assert current_alias() == POSTGRES


def test_standby_in_recovery_does_not_answer(tail):
    """It could be read, and would tell of the past."""
    standby = tail.server.make_standby()
    standby.execute("SELECT 1")
    socket = tail.server.directory / ".s.PGSQL.5432"
    hidden = socket.with_name("hidden")
    socket.rename(hidden)
    socket.symlink_to(standby.directory / socket.name)
    connections.close_all()
    try:
        assert run_unit(User.objects.count, write=False) == 1
        relay()
        assert current_alias() == SQLITE
    finally:
        socket.unlink()
        hidden.rename(socket)
        standby.stop()
    relay()
    assert current_alias() == POSTGRES


def test_nobody_goes_on_with_a_server_that_was_cut_off_by_a_failover(tail):
    """It still answers a worker that is connected to it, while new connections go elsewhere."""
    asked, answered, answers = threading.Barrier(2), threading.Barrier(2), []

    def work():
        for name in ("before", "after"):
            close_old_connections()  # as Django does when a request begins
            run_unit(lambda n=name: like(n))
            answers.append(connections[POSTGRES].connection is not None and current_alias())
            answered.wait(20)
            asked.wait(60)
        connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    answered.wait(20)
    relay(1)
    standby = tail.server.make_standby()
    standby.promote()
    old = PostgresServer.__new__(PostgresServer)
    old.__dict__.update(tail.server.__dict__)
    tail.server.answer_by(standby)
    connections.close_all()
    try:
        with pytest.raises(ServerReplaced):
            User.objects.using(POSTGRES).count()
        set_marks(POSTGRES, Mark.DOWN)  # as the unit that met it would
        relay()
        asked.wait(20)
        answered.wait(20)
        assert answers == [POSTGRES, POSTGRES]
        assert "after" in UserLikedSong.objects.using(POSTGRES).values_list("song_name", flat=True)
        assert_equal_databases()
    finally:
        asked.wait(20)
        worker.join(20)
        old.kill()


def test_sqlite_put_back_to_a_copy_made_a_moment_ago(tail, tmp_path, settings):
    """The mirror image: what PostgreSQL received from SQLite is in PostgreSQL's log."""
    import shutil

    from tests.servers.pair import checkpoint, remove_sqlite

    settings.DB_READ_PREFERENCE = "sqlite"
    connections[SQLITE].close()
    checkpoint(tail.sqlite_path)
    shutil.copyfile(tail.sqlite_path, tmp_path / "copy.db")
    change_the_tail()
    expected = read_postgres()
    connections[SQLITE].close()
    remove_sqlite(tail.sqlite_path)
    shutil.copyfile(tmp_path / "copy.db", tail.sqlite_path)
    assert read_all(SQLITE) != expected
    settings.DB_READ_PREFERENCE = "postgres"
    relay()
    assert_tail_is_back(expected)
