"""Nothing acknowledged is lost and nothing differs, whatever happens to the databases.

The short forms run always; with ``-m slow`` every fault with each database leading, longer.
"""

import os
import signal
import threading

import pytest
from django.db import connections

from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.triggers import install_triggers

from . import nemeses, sabotage
from .campaign import Campaign

ALL = [
    nemeses.postgres_killed,
    nemeses.postgres_flapping,
    nemeses.postgres_frozen,
    nemeses.connections_reset,
    nemeses.statements_cancelled,
    nemeses.sqlite_locked,
    nemeses.sqlite_deleted,
    nemeses.sqlite_corrupted,
    nemeses.both_down,
    nemeses.workers_killed,
    nemeses.slow_commits,
]


def assert_nothing_lost(verdict):
    assert verdict.lost == {"default": [], "postgres": []}
    assert verdict.differing == []
    assert verdict.unread == []
    assert verdict.n_acknowledged > 20


def assert_no_caller_saw_an_error(verdict):
    assert set(verdict.outcomes) == {"ok"}


@pytest.mark.parametrize(
    ("preference", "nemesis"),
    [
        ("postgres", nemeses.postgres_killed),
        pytest.param("sqlite", nemeses.sqlite_deleted, marks=pytest.mark.slow),
    ],
)
def test_short_outage_of_the_leader_loses_nothing(pair, preference, nemesis):
    campaign = Campaign(pair, preference, outage_seconds=1.5)
    verdict = campaign.run(nemesis)
    assert_nothing_lost(verdict)
    assert_no_caller_saw_an_error(verdict)


def test_short_freeze_loses_nothing_and_is_paid_once_a_process(pair):
    verdict = Campaign(pair, "postgres").run(nemeses.postgres_frozen)
    assert_nothing_lost(verdict)
    assert_no_caller_saw_an_error(verdict)


def test_workers_killed_anywhere_lose_nothing(pair):
    verdict = Campaign(pair, "postgres", n_writers=2).run(nemeses.workers_killed)
    assert_nothing_lost(verdict)


@pytest.mark.parametrize("preference", ["postgres", pytest.param("sqlite", marks=pytest.mark.slow)])
def test_workers_killed_between_commit_and_write_through_lose_nothing(pair, preference):
    campaign = Campaign(pair, preference, n_writers=2, sabotage="dies_after_commit")
    verdict = campaign.run(nemeses.workers_die_after_commit)
    assert_nothing_lost(verdict)
    assert campaign.n_died >= 6


def test_faults_last_until_writers_of_a_busy_machine_have_met_them(pair):
    """One that gets no processor time for half a second, in a fault of a tenth."""
    n_met = []

    def held_up(campaign):
        [pid] = campaign.measure_memory()
        os.kill(pid, signal.SIGSTOP)
        n_before = count_operations(campaign)
        threading.Timer(0.5, os.kill, [pid, signal.SIGCONT]).start()
        campaign.let_write(0.1)
        n_met.append(count_operations(campaign) - n_before)

    Campaign(pair, "postgres", n_writers=1).run(held_up)
    assert n_met[0] >= 2


def count_operations(campaign):
    [journal] = campaign.journal_dir.glob("*.jsonl")
    return journal.read_text().count('"return"')


@pytest.fixture
def moving_clocks(pair, monkeypatch):
    """Let both databases read the time from a table; afterwards from their clocks again."""
    for part in sabotage.find_parts("moving_clocks"):
        monkeypatch.setattr(*part)
    for alias in (SQLITE, POSTGRES):
        with connections[alias].cursor() as cursor:
            cursor.execute("CREATE TABLE moving_clock (microseconds bigint)")
            cursor.execute("INSERT INTO moving_clock VALUES (0)")
        install_triggers(connections[alias])
    yield
    monkeypatch.undo()
    for alias in (SQLITE, POSTGRES):
        install_triggers(connections[alias])
        with connections[alias].cursor() as cursor:
            cursor.execute("DROP TABLE moving_clock")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.usefixtures("moving_clocks")
@pytest.mark.parametrize("preference", ["postgres", "sqlite"])
def test_clocks_that_jump_an_hour_lose_nothing(pair, preference):
    campaign = Campaign(pair, preference, n_writers=2, sabotage="moving_clocks")
    verdict = campaign.run(nemeses.clocks_jump)
    assert_nothing_lost(verdict)
    assert_no_caller_saw_an_error(verdict)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("preference", ["postgres", "sqlite"])
@pytest.mark.parametrize("nemesis", ALL)
def test_long_fault_loses_nothing(pair, preference, nemesis):
    campaign = Campaign(pair, preference, n_rounds=2, outage_seconds=5, n_after=200)
    verdict = campaign.run(nemesis)
    assert_nothing_lost(verdict)
    if nemesis is not nemeses.both_down:
        assert_no_caller_saw_an_error(verdict)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("preference", ["postgres", "sqlite"])
def test_full_disk_loses_nothing(pair, preference, tmp_path):
    try:
        with nemeses.small_disk(tmp_path / "small") as disk:
            pair.move_sqlite(disk / "app.db")
            campaign = Campaign(pair, preference, n_rounds=2, outage_seconds=4)
            verdict = campaign.run(nemeses.sqlite_disk_full)
            pair.move_sqlite(tmp_path / "back.db")
    except PermissionError as reason:
        pytest.skip(str(reason))
    assert_nothing_lost(verdict)
    assert_no_caller_saw_an_error(verdict)
