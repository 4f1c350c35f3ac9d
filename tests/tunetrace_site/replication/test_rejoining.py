"""A database joins again: down or busy at the start, or emptied under a live site."""

import os
import subprocess
import sys

import pytest
from django.core.management import call_command

from tests.servers.pair import installed
from tests.servers.site import ROOT
from tunetrace_site.replication import relay
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.marks import Mark, is_behind, set_marks
from tunetrace_site.replication.router import candidates, current_alias
from tunetrace_site.replication.unit import run_unit, unit_of_work

from .rows import add_listener, assert_equal_databases


def test_postgres_emptied_under_a_live_site(pair, sync):
    """Nobody ran init_db: requests go on with SQLite, the relay migrates and fills it."""
    with unit_of_work():
        add_listener("ann")
    pair.server.drop_database(pair.name)
    pair.server.create_database(pair.name)
    run_unit(lambda: add_listener("meanwhile"))
    assert current_alias() == SQLITE
    sync()
    assert current_alias() == POSTGRES
    assert len(assert_equal_databases()) == 8


@pytest.mark.parametrize("is_known_to_be_down", [True, False])
def test_emptied_postgres_answers_no_reader_before_it_is_filled(
    pair, sync, monkeypatch, is_known_to_be_down
):
    """Else the listener would be unknown, and their session ended."""
    with unit_of_work():
        add_listener("ann")
    sync()
    pair.replace_postgres()
    if is_known_to_be_down:
        set_marks(POSTGRES, Mark.DOWN)
    leaders, sync_everything = [], relay.sync_everything

    def note_the_leader():
        leaders.append(current_alias())
        return sync_everything()

    monkeypatch.setattr(relay, "sync_everything", note_the_leader)
    sync()
    assert leaders == [SQLITE]
    assert current_alias() == POSTGRES
    assert len(assert_equal_databases()) == 4


def test_emptied_postgres_does_not_lead_though_sqlite_is_behind(pair, monkeypatch, sync):
    """What SQLite missed is lost with it; the rest must not be."""
    with unit_of_work():
        add_listener("ann")
    sync()
    set_marks(SQLITE, Mark.BEHIND)
    pair.replace_postgres()
    set_marks(POSTGRES, Mark.DOWN)
    writable, sync_everything = [], relay.sync_everything

    def note_who_may_be_written():
        writable.append(candidates(write=True))
        return sync_everything()

    monkeypatch.setattr(relay, "sync_everything", note_who_may_be_written)
    sync()
    assert writable == [[]]
    assert candidates(write=True) == [POSTGRES, SQLITE]
    assert len(assert_equal_databases()) == 4


def test_start_while_postgres_is_behind_and_sqlite_unreadable(pair, sync):
    """Not both may be kept from answering: SQLite misses nothing, and may be readable again."""
    pair.server.kill()
    run_unit(lambda: add_listener("ann"))
    with pair.sqlite_unreadable():
        call_command("init_db")
    assert (is_behind(SQLITE), is_behind(POSTGRES)) == (False, True)
    run_unit(lambda: add_listener("ben"))
    pair.server.start()
    sync()
    assert len(assert_equal_databases()) == 8


def test_postgres_that_was_down_at_the_start_joins_later(pair, tmp_path, sync):
    house, state_dir = tmp_path / "house.db", tmp_path / "house-state"
    pair.server.kill()
    with installed(house, pair.url, state_dir):
        call_command("init_db")
        run_unit(lambda: add_listener("ann"))
        assert current_alias() == SQLITE
        pair.server.start()
        sync(1)
        assert current_alias() == POSTGRES
        assert len(assert_equal_databases()) == 4


def test_two_starts_at_once_with_sqlite_alone(tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "SQLITE_DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}",
        "STATE_DIR": str(tmp_path / "state"),
    }
    command = [sys.executable, "manage.py", "init_db"]
    starts = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [start.communicate(timeout=100)[1] for start in starts] == ["", ""]
    assert [start.returncode for start in starts] == [0, 0]
