"""The checker must object when a part of the design is removed: else it would prove nothing."""

import pytest

from . import forgetting, nemeses, sabotage
from .campaign import Campaign


@pytest.fixture
def sabotaged(monkeypatch):
    """Remove the part in this process too, which heals the databases at the end."""

    def take_out(name):
        for module, attribute, replacement in sabotage.find_parts(name):
            monkeypatch.setattr(module, attribute, replacement)
        return name

    return take_out


def test_naive_cursor_is_caught(pair, sabotaged):
    campaign = Campaign(pair, "postgres", sabotage=sabotaged("naive_cursor"))
    verdict = campaign.run(nemeses.slow_commits)
    assert verdict.differing != []


@pytest.mark.slow
def test_tail_that_only_the_other_database_received_is_missed(pair, sabotaged):
    """With a log of its own changes only, a database cannot send back what PostgreSQL forgot."""
    part = sabotaged("receipts_unlogged")
    campaign = Campaign(pair, "postgres", n_writers=2, sabotage=part)
    verdict = campaign.run(forgetting.dump_beside_an_open_transaction_restored)
    assert verdict.differing != []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_early_failback_is_caught(pair, sabotaged):
    part = sabotaged("early_failback")
    campaign = Campaign(pair, "postgres", n_rounds=3, outage_seconds=3, sabotage=part)
    verdict = campaign.run(nemeses.postgres_killed)
    assert verdict.lost != {"default": [], "postgres": []} or verdict.unread != []
