"""Faults by which PostgreSQL forgets acknowledged commits, under a live site."""

import random
import tempfile
import time
from pathlib import Path

from tests.servers.standby import ReplicatedServer, open_transaction

from .campaign import Campaign

_ELSEWHERE = "elsewhere"


def lagging_standby_promoted(campaign: Campaign) -> None:
    """Promote a standby that is 0.1 to 0.5 s behind in place of the server."""
    chance = random.Random(campaign.seed)
    for _ in range(campaign.n_rounds):
        standby = _replicated(campaign).make_standby()
        with campaign.window("standby promoted"):
            standby.stop_receiving()
            campaign.let_write(0.1 + 0.4 * chance.random())
            _replicated(campaign).fail_over_to(standby)
        campaign.let_write(2)


def standby_promoted_beside_an_open_transaction(campaign: Campaign) -> None:
    """Promote a lagging standby while a transaction holds SQLite's cursor in the log back."""
    server = _replicated(campaign)
    _make_elsewhere(campaign)
    for _ in range(campaign.n_rounds):
        standby = server.make_standby()
        with open_transaction(server, _ELSEWHERE), campaign.window("standby promoted"):
            campaign.let_write(1)
            standby.wait_until_level()
            standby.stop_receiving()
            campaign.let_write(0.3)
            server.fail_over_to(standby)
        campaign.let_write(2)


def dump_beside_an_open_transaction_restored(campaign: Campaign) -> None:
    """Restore a dump that is a second old and rename it into place."""
    server, name = campaign.server, campaign.database
    _make_elsewhere(campaign)
    for _ in range(campaign.n_rounds):
        with (
            tempfile.TemporaryDirectory() as directory,
            open_transaction(server, _ELSEWHERE),
            campaign.window("dump restored"),
        ):
            campaign.let_write(0.5)
            dump = Path(directory) / "dump"
            server.dump(name, dump)
            campaign.let_write(1)
            server.drop_database("restored")
            server.create_database("restored")
            server.restore("restored", dump)
            server.drop_database("old")
            _rename(campaign, name, "old")
            _rename(campaign, "restored", name)
        campaign.let_write(2)


def unsynchronised_commits_lost(campaign: Campaign) -> None:
    """Use ``synchronous_commit=off`` and kill -9, which loses what was not written to the WAL."""
    server = campaign.server
    server.execute("ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")
    for _ in range(campaign.n_rounds):
        campaign.let_write(1.5)
        with campaign.window("killed"):
            server.kill()
            server.start()
        campaign.let_write(2)


def _replicated(campaign: Campaign) -> ReplicatedServer:
    assert isinstance(campaign.server, ReplicatedServer)
    return campaign.server


def _make_elsewhere(campaign: Campaign) -> None:
    campaign.server.drop_database(_ELSEWHERE)
    campaign.server.create_database(_ELSEWHERE)


def _rename(campaign: Campaign, old: str, new: str) -> None:
    for _ in range(50):
        try:
            campaign.server.execute(
                f'ALTER DATABASE "{old}" ALLOW_CONNECTIONS false',
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                f" WHERE datname = '{old}' AND pid <> pg_backend_pid()",
                f'ALTER DATABASE "{old}" RENAME TO "{new}"',
                f'ALTER DATABASE "{new}" ALLOW_CONNECTIONS true',
            )
            return
        except Exception:
            # A backend that is being terminated is still connected.
            time.sleep(0.05)
    raise TimeoutError(f"{old} is still in use")
