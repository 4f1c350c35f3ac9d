"""Random faults for a long time: nothing is lost, both databases are equal, and nothing grows.

``pytest tests/faults/test_random_run.py -m slow -s`` prints the figures of docs/databases.md.
"""

import os
from types import SimpleNamespace

import pytest

from tests.servers.pair import installed
from tunetrace_site.replication.databases import SQLITE
from tunetrace_site.replication.schema import after_migrations, before_migrations, migrating

from . import random_run
from .campaign import Campaign
from .checker import describe
from .nemeses import put_back
from .random_run import RandomRun

MINUTES = float(os.environ.get("PYTEST_RANDOM_RUN_MINUTES", "30"))
N_LONG = round(MINUTES * 2)  # one in 30 seconds


def suffer(campaign, run):
    verdict = campaign.run(run)
    print(f"{campaign.preference} leading, {run.n_faults} faults: {describe(verdict)}")
    print(f"  {dict(run.n_done)}; commands that said no: {run.failed}")
    print(f"  log entries: {run.n_log_entries}")
    megabytes = [{pid: n >> 20 for pid, n in sample.items()} for sample in run.memory]
    print(f"  megabytes of each writer: {megabytes}")
    assert not any(verdict.lost.values())
    assert verdict.differing == []
    assert verdict.n_acknowledged > 20
    errors = [name for name in verdict.outcomes if name not in {"ok", "refused"}]
    assert errors == []
    return verdict


@pytest.fixture
def campaign(pair, preference):
    campaign = Campaign(pair, preference, n_writers=3)
    yield campaign
    put_back(campaign)


@pytest.fixture
def alone(pair, tmp_path):
    """A campaign on a SQLite file of its own, without PostgreSQL."""
    path, state_dir = tmp_path / "alone.db", tmp_path / "alone-state"
    pair.templates.copy_sqlite(path)
    folder = SimpleNamespace(url=None, server=None, sqlite_path=path, state_dir=state_dir)
    with installed(path, None, state_dir):
        with migrating(SQLITE):
            before_migrations(None, using=SQLITE)
            after_migrations(None, using=SQLITE)
        yield Campaign(folder, "sqlite", n_writers=3)


SHORT = [
    random_run.migrated_and_back,
    random_run.postgres_killed,
    random_run.repaired,
    random_run.sqlite_deleted,
    random_run.sent_everything,
]
SHORT_ALONE = [random_run.migrated_and_back, random_run.one_worker_killed, random_run.vacuumed]


def suffer_each_once(campaign, faults):
    # Operators' commands take most of the time, and are quicker beside writers that rest.
    campaign.n_writers, campaign.pause_seconds = 2, 0.1
    run = RandomRun(len(faults), every_seconds=1, outage_seconds=1.0, seed=1, faults=faults)
    suffer(campaign, run)
    assert run.n_done == {fault.__name__: 1 for fault in faults}
    assert run.failed == []
    return run


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "preference", ["postgres", pytest.param("sqlite", marks=pytest.mark.slow)], indirect=True
)
def test_short_random_run_loses_nothing(campaign):
    suffer_each_once(campaign, SHORT)


@pytest.mark.timeout(600)
def test_short_random_run_on_sqlite_alone_loses_nothing(alone):
    run = suffer_each_once(alone, SHORT_ALONE)
    assert run.n_log_entries[-1] == {SQLITE: 0}


def assert_flat(run):
    """What grows with the time that has passed grows from the first half to the second."""
    half = len(run.memory) // 2
    for sizes in (run.n_log_entries, run.memory):
        before, after = (
            max(max(sample.values(), default=0) for sample in part)
            for part in (sizes[:half], sizes[half:])
        )
        assert after < 1.3 * before + 1000


@pytest.mark.slow
@pytest.mark.timeout(MINUTES * 60 + 600)
def test_long_random_run_loses_nothing_and_nothing_grows(campaign):
    run = RandomRun(N_LONG, every_seconds=30, outage_seconds=5.0, seed=1)
    suffer(campaign, run)
    assert_flat(run)


@pytest.mark.slow
@pytest.mark.timeout(MINUTES * 60 + 600)
def test_long_random_run_on_sqlite_alone_loses_nothing_and_nothing_grows(alone):
    run = RandomRun(N_LONG, every_seconds=30, outage_seconds=5.0, seed=2)
    suffer(alone, run)
    assert_flat(run)
