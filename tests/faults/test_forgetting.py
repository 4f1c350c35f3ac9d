"""Nothing is lost when PostgreSQL forgets acknowledged changes, or one machine is cut off.

Short forms in CI, where ``test_lost_tail.py`` tries each way of forgetting step by step; with ``-m
slow`` as many runs as the figures name.
"""

import pytest

from tests.servers.pair import Pair, Templates, installed
from tests.servers.postgres import running_postgres
from tests.servers.standby import ReplicatedServer
from tunetrace_site.replication import middleware
from tunetrace_site.replication.relay import Relay

from . import forgetting
from .campaign import Campaign
from .test_campaign import assert_no_caller_saw_an_error, assert_nothing_lost
from .two_machines import TwoMachines

ALL = [
    forgetting.lagging_standby_promoted,
    forgetting.standby_promoted_beside_an_open_transaction,
    forgetting.dump_beside_an_open_transaction_restored,
    forgetting.unsynchronised_commits_lost,
]


@pytest.fixture(scope="module")
def replicated_templates(tmp_path_factory, shared_folder, django_db_blocker):
    with running_postgres(kind=ReplicatedServer) as server, django_db_blocker.unblock():
        yield Templates(server, tmp_path_factory.mktemp("replicated"), shared_folder)


@pytest.fixture
def replicated_pair(replicated_templates, tmp_path, monkeypatch, django_db_blocker):
    """A pair whose PostgreSQL can have a standby."""
    monkeypatch.setattr(middleware, "start_relay_thread", lambda: None)
    with django_db_blocker.unblock():
        pair = Pair(replicated_templates, tmp_path)
        with installed(pair.sqlite_path, pair.url, pair.state_dir):
            Relay().run_pass()
            yield pair
    pair.server.ensure_running()
    pair.server.execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")


def test_short_run_in_which_a_lagging_standby_is_promoted_loses_nothing(replicated_pair):
    campaign = Campaign(replicated_pair, "postgres", n_writers=2)
    verdict = campaign.run(forgetting.lagging_standby_promoted)
    assert_nothing_lost(verdict)
    assert_no_caller_saw_an_error(verdict)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("run", range(10))
@pytest.mark.parametrize("leader", ["postgres", "sqlite"])
@pytest.mark.parametrize("nemesis", ALL)
def test_postgres_that_forgets_loses_nothing(replicated_pair, nemesis, leader, run):
    campaign = Campaign(replicated_pair, leader, seed=run, n_rounds=2, n_after=200)
    verdict = campaign.run(nemesis)
    assert_nothing_lost(verdict)
    assert_no_caller_saw_an_error(verdict)


def assert_last_word_stands(verdict):
    assert verdict.lost == []
    assert verdict.resurrected == []
    assert verdict.n_differing == 0
    assert verdict.n_acknowledged > 20
    assert set(verdict.outcomes) <= {"ok", "not found"}


def test_two_machines_cut_for_a_moment_keep_the_last_word(pair, tmp_path):
    verdict = TwoMachines(pair, tmp_path, seconds=7).run(cut=(1, 2), cut_seconds=3)
    assert_last_word_stands(verdict)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("run", range(5))
@pytest.mark.parametrize("cut", [(1,), (1, 2)])
def test_two_machines_cut_for_long_keep_the_last_word(pair, tmp_path, cut, run):
    verdict = TwoMachines(pair, tmp_path, seconds=26).run(cut=cut, cut_seconds=20)
    assert_last_word_stands(verdict)
