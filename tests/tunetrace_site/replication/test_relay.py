"""Marks and the relay: who may serve, and when one that was away comes back."""

import threading
import time

import pytest

from accounts.models import User
from tunetrace_site.replication import purge
from tunetrace_site.replication import relay as relay_module
from tunetrace_site.replication.background import run_relay
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.health import describe_replication
from tunetrace_site.replication.marks import (
    Mark,
    clear_mark,
    is_behind,
    is_down,
    read_mark,
    set_marks,
    skip_if_down,
)
from tunetrace_site.replication.models import Change, RowVersion
from tunetrace_site.replication.purge import purge_logs
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.router import candidates, pinned
from tunetrace_site.replication.unit import run_unit, unit_of_work

from .rows import add_listener, assert_equal_databases, change_only


def test_mark_set_again_is_not_cleared(pair):
    set_marks(SQLITE, Mark.BEHIND)
    seen = read_mark(SQLITE, Mark.BEHIND)
    set_marks(SQLITE, Mark.BEHIND)
    assert not clear_mark(SQLITE, Mark.BEHIND, seen)
    assert is_behind(SQLITE)
    assert clear_mark(SQLITE, Mark.BEHIND, read_mark(SQLITE, Mark.BEHIND))
    assert not is_behind(SQLITE)


def test_marks_are_seen_by_other_processes(pair):
    """The file is mapped by each process; a second mapping of it sees the same."""
    set_marks(POSTGRES, Mark.DOWN)
    from tunetrace_site.replication import marks

    marks._board.cache_clear()
    assert is_down(POSTGRES)


def test_skipped_change_marks_the_peer_behind(pair):
    assert not skip_if_down(SQLITE)
    set_marks(SQLITE, Mark.DOWN)
    assert skip_if_down(SQLITE)
    assert is_behind(SQLITE)


def test_order_of_candidates(pair):
    assert candidates(write=True) == [POSTGRES, SQLITE]
    set_marks(POSTGRES, Mark.DOWN)
    assert candidates(write=True) == [SQLITE, POSTGRES]
    set_marks(POSTGRES, Mark.BEHIND)
    assert candidates(write=True) == [SQLITE]
    assert candidates(write=False) == [SQLITE, POSTGRES]


def test_database_that_is_behind_refuses_a_unit(pair):
    set_marks(SQLITE, Mark.BEHIND)
    with pytest.raises(Unavailable), pinned(SQLITE), unit_of_work():
        pass


def test_change_while_down_is_caught_up_before_it_serves(pair, sync):
    pair.server.kill()
    run_unit(lambda: User.objects.create(user_id="ann"))
    assert (is_down(POSTGRES), is_behind(POSTGRES)) == (True, True)
    sync(1)
    assert (is_down(POSTGRES), is_behind(POSTGRES)) == (True, True)
    pair.server.start()

    events = sync(1)

    assert events == ["PostgreSQL is up", "PostgreSQL is caught up"]
    assert len(assert_equal_databases()) == 1
    assert candidates(write=True) == [POSTGRES, SQLITE]


def test_mark_set_during_the_drain_survives_it(pair, monkeypatch):
    """Invariant 4: the drain must have begun after the mark's last change."""
    set_marks(SQLITE, Mark.BEHIND)
    real_drain = relay_module.drain

    def drain_and_miss_one(source, target):
        n_changed = real_drain(source, target)
        set_marks(SQLITE, Mark.BEHIND)
        return n_changed

    monkeypatch.setattr(relay_module, "drain", drain_and_miss_one)
    Relay().run_pass()
    assert is_behind(SQLITE)
    monkeypatch.undo()
    Relay().run_pass()
    assert not is_behind(SQLITE)


def test_reads_fall_back_to_one_that_is_behind_when_nothing_else_answers(pair, sync):
    run_unit(lambda: User.objects.create(user_id="ann"))
    set_marks(SQLITE, Mark.BEHIND)
    pair.server.kill()
    assert run_unit(lambda: User.objects.count(), write=False) == 1
    with pytest.raises(Unavailable):
        run_unit(lambda: User.objects.create(user_id="ben"))
    pair.server.start()
    sync()


def test_standby_relay_takes_over(pair):
    """A second relay waits; when the first one ends it ships within a second."""
    first_stop, second_stop = threading.Event(), threading.Event()
    first = threading.Thread(target=run_relay, args=[first_stop])
    second = threading.Thread(target=run_relay, args=[second_stop])
    first.start()
    second.start()
    try:
        first_stop.set()
        first.join(10)
        change_only(SQLITE, lambda: User.objects.create(user_id="ann"))
        arrived = _poll(lambda: User.objects.using(POSTGRES).filter(user_id="ann").exists())
    finally:
        second_stop.set()
        second.join(10)
    assert arrived


def _poll(condition, seconds=10.0):
    for _ in range(int(seconds / 0.05)):
        if condition():
            return True
        threading.Event().wait(0.05)
    return False


def test_probe_notices_a_full_or_locked_sqlite(pair, sync):
    import sqlite3

    blocker = sqlite3.connect(pair.sqlite_path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    events = Relay().run_pass().events
    assert events == ["SQLite is down: SQLITE_BUSY: database is locked"]
    blocker.close()
    assert sync(1) == ["SQLite is up"]


def test_purge_keeps_the_entry_at_the_cursor_and_young_tombstones(pair, sync, monkeypatch):
    monkeypatch.setattr(purge, "KEPT_ENTRIES", 0)
    for number in range(3):
        run_unit(lambda n=number: User.objects.create(user_id=f"u{n}"))
    run_unit(lambda: User.objects.filter(user_id="u0").delete())
    sync(1)
    purge_logs()
    assert Change.objects.using(POSTGRES).count() == 1
    assert RowVersion.objects.using(POSTGRES).filter(deleted=True).count() == 1
    RowVersion.objects.using(POSTGRES).filter(deleted=True).update(version=16)
    purge_logs()
    assert RowVersion.objects.using(POSTGRES).filter(deleted=True).count() == 0
    run_unit(lambda: User.objects.create(user_id="later"))
    assert sync() == []
    assert_equal_databases()


@pytest.mark.parametrize("alias", [SQLITE, POSTGRES])
def test_purge_keeps_the_last_entries_for_a_reader_that_goes_back(pair, sync, monkeypatch, alias):
    monkeypatch.setattr(purge, "KEPT_ENTRIES", 3)
    for number in range(9):
        run_unit(lambda n=number: User.objects.create(user_id=f"u{n}"))
    sync(1)
    ids = list(Change.objects.using(alias).order_by("id").values_list("id", flat=True))
    purge_logs()
    left = Change.objects.using(alias).order_by("id").values_list("id", flat=True)
    assert list(left) == ids[-4:]


def test_several_readers_keep_the_log_of_postgres(pair, sync, settings, monkeypatch):
    settings.SEVERAL_MACHINES = True
    monkeypatch.setattr(purge, "KEPT_ENTRIES", 0)
    for number in range(3):
        run_unit(lambda n=number: User.objects.create(user_id=f"u{n}"))
    sync(1)
    purge_logs()
    assert Change.objects.using(POSTGRES).count() == 3


def test_log_is_purged_every_minute_whoever_leads(pair, sync, monkeypatch):
    """Leaders come and go: each one goes on where the last one was."""
    monkeypatch.setattr(purge, "KEPT_ENTRIES", 0)
    now = time.time()
    for number in range(5):
        run_unit(lambda n=number: User.objects.create(user_id=f"u{n}"))
    sync(1)
    assert Change.objects.using(POSTGRES).count() == 5
    monkeypatch.setattr(purge.time, "time", lambda: now + 50)
    sync(1)
    assert Change.objects.using(POSTGRES).count() == 5
    monkeypatch.setattr(purge.time, "time", lambda: now + 61)
    sync(1)
    assert Change.objects.using(POSTGRES).count() == 1


def test_long_log_is_purged_in_batches(pair, sync, monkeypatch):
    monkeypatch.setattr(purge, "KEPT_ENTRIES", 0)
    monkeypatch.setattr(purge, "_BATCH_ROWS", 4)
    for alias in (SQLITE, POSTGRES):
        for number in range(13):
            change_only(alias, lambda n=number, a=alias: User.objects.create(user_id=f"{a}{n}"))
    sync()
    purge_logs()
    for alias in (SQLITE, POSTGRES):
        assert Change.objects.using(alias).count() == 1
    assert sync() == []
    assert len(assert_equal_databases()) == 26


@pytest.mark.parametrize("has_read", [True, False])
@pytest.mark.parametrize("bound", ["entries", "days"])
def test_log_that_was_cut_off_loses_nothing(pair, sync, settings, monkeypatch, bound, has_read):
    """PostgreSQL is away for longer than SQLite's log may be: every row is sent instead."""
    if has_read:
        with unit_of_work():
            add_listener("before")
        sync()
    pair.server.stop()
    run_unit(lambda: add_listener("ann"))
    run_unit(lambda: add_listener("bob"))
    down_since = read_mark(POSTGRES, Mark.DOWN).since
    assert describe_replication()["log_is_long"] == []
    with monkeypatch.context() as patch:
        patch.setattr(purge, "EVERY_SECONDS", -1.0)
        patch.setattr(settings, f"CHANGE_LOG_{bound.upper()}", 3 if bound == "entries" else 1)
        if bound == "days":
            patch.setattr("time.time", lambda: down_since + 90_000.0)
        events = [event for _ in range(2) for event in Relay().run_pass().events]
        assert describe_replication()["log_is_long"] == ["SQLite"]
    assert any("bring the other database back" in event for event in events)
    assert Change.objects.using(SQLITE).count() == (4 if bound == "entries" else 1)
    pair.server.start()
    sync()
    assert len(assert_equal_databases()) == (12 if has_read else 8)
