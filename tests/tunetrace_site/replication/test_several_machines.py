"""Two machines, each with its own SQLite and its own marks, and one PostgreSQL."""

from contextlib import contextmanager

import pytest

from accounts.models import User
from music.models import UserLikedSong
from tests.servers.pair import installed
from tunetrace_site.replication.databases import SQLITE
from tunetrace_site.replication.marks import is_behind
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.router import current_alias
from tunetrace_site.replication.unit import run_unit

from .rows import assert_equal_databases, change_only, read_all


@pytest.fixture
def machine(pair, tmp_path, settings):
    """``with machine(n):`` is what processes on machine ``n`` see."""
    settings.SEVERAL_MACHINES = True
    for number in (1, 2):
        pair.templates.copy_sqlite(tmp_path / f"machine{number}.db")

    @contextmanager
    def on_machine(number):
        settings.MACHINE_NUMBER = number
        sqlite_path, state_dir = tmp_path / f"machine{number}.db", tmp_path / f"state{number}"
        with installed(sqlite_path, pair.url, state_dir):
            yield

    return on_machine


def relay_on_all(machine, n_rounds=2):
    for number in [1, 2] * n_rounds:
        with machine(number):
            Relay().run_pass()


def add_listener(user_id):
    user = User.objects.create(user_id=user_id)
    UserLikedSong.objects.create(user=user, song_name=f"song of {user_id}")


def test_write_on_one_machine_reaches_the_others_sqlite(machine):
    relay_on_all(machine)
    with machine(1):
        run_unit(lambda: add_listener("ann"))
    relay_on_all(machine)
    with machine(2):
        assert len(assert_equal_databases()) == 2


def test_both_fail_over_and_meet_again(machine, pair):
    relay_on_all(machine)
    pair.server.kill()
    for number in (1, 2):
        with machine(number):
            run_unit(lambda n=number: add_listener(f"listener of {n}"))
            assert current_alias() == SQLITE
    pair.server.start()
    relay_on_all(machine)
    held = []
    for number in (1, 2):
        with machine(number):
            held.append(assert_equal_databases())
            assert not is_behind(SQLITE)
    assert held[0] == held[1]
    assert len(held[0]) == 4


def test_later_change_of_one_row_wins_on_all_machines(machine):
    relay_on_all(machine)
    with machine(1):
        run_unit(lambda: add_listener("ann"))
    relay_on_all(machine)
    for number, name in ((2, "second"), (1, "first"), (2, "last")):
        with machine(number):
            change_only(SQLITE, lambda n=name: User.objects.update(display_name=n))
    relay_on_all(machine, n_rounds=3)
    rows = []
    for number in (1, 2):
        with machine(number):
            rows.append(assert_equal_databases())
            assert User.objects.get().display_name == "last"
    assert rows[0] == rows[1]


def test_deletion_reaches_all_machines(machine):
    relay_on_all(machine)
    with machine(2):
        run_unit(lambda: add_listener("ann"))
    relay_on_all(machine)
    with machine(1):
        run_unit(lambda: User.objects.get().delete())
    relay_on_all(machine)
    with machine(2):
        assert read_all(SQLITE) == {}
        assert_equal_databases()
