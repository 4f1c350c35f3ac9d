"""What is lost when PostgreSQL forgets what it acknowledged, and when two machines are cut from it.

Run: ``.venv/bin/python tests/bench/replication_forgetting.py [RUNS]`` (default 3 of each). A line
for each kind of fault: its runs, the operations and acknowledged effects, how many of these are
missing in either database at the end (lost) or are back though they were deleted (resurrected), and
the rows in which the databases differ. All but the first three counts must be 0.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import replication_pair

from tests.faults import forgetting
from tests.faults.campaign import Campaign
from tests.faults.two_machines import TwoMachines
from tests.servers.pair import Pair, installed
from tests.servers.standby import ReplicatedServer
from tunetrace_site.replication import middleware

KINDS = [
    forgetting.lagging_standby_promoted,
    forgetting.standby_promoted_beside_an_open_transaction,
    forgetting.dump_beside_an_open_transaction_restored,
    forgetting.unsynchronised_commits_lost,
]
HEADINGS = ("runs", "ops", "acked", "lost", "resurrected", "differ", "errors")

Counts = tuple[int, int, int, int, int, int]


def run_campaign(pair: Pair, directory: Path, nemesis, leader: str) -> Counts:
    """One run with four writers, in databases of its own."""
    fresh = Pair(pair.templates, directory)
    with installed(fresh.sqlite_path, fresh.url, fresh.state_dir):
        campaign = Campaign(fresh, leader, n_after=300)
        campaign.relay_once()
        verdict = campaign.run(nemesis)
    fresh.server.execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()")
    n_lost = sum(len(keys) for keys in verdict.lost.values())
    n_resurrected = sum(len(keys) for keys in verdict.resurrected.values())
    return (
        verdict.n_operations,
        verdict.n_acknowledged,
        n_lost - n_resurrected,
        n_resurrected,
        len(verdict.differing),
        verdict.n_operations - verdict.outcomes["ok"],
    )


def run_two_machines(pair: Pair, directory: Path, cut: tuple[int, ...]) -> Counts:
    """One run: both machines write, and PostgreSQL cannot be reached for 20 s."""
    pair.templates.empty_postgres()
    verdict = TwoMachines(pair, directory, seconds=26).run(cut, cut_seconds=20)
    n_operations = verdict.outcomes.total()
    n_answered = verdict.outcomes["ok"] + verdict.outcomes["not found"]
    return (
        n_operations,
        verdict.n_acknowledged,
        len(verdict.lost),
        len(verdict.resurrected),
        verdict.n_differing,
        n_operations - n_answered,
    )


def show(name: str, n_runs: int, run: Callable[[Path, int], Counts]) -> None:
    """Do the runs of one kind and print their sums."""
    sums = [0] * 6
    for number in range(n_runs):
        with tempfile.TemporaryDirectory(prefix="tt-forget-") as directory:
            counts = run(Path(directory), number)
        sums = [a + b for a, b in zip(sums, counts, strict=True)]
    print(f"{name:<46}" + "".join(f"{count:>12,}" for count in (n_runs, *sums)), flush=True)


def main() -> None:
    middleware.start_relay_thread = lambda: None
    n_runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(" " * 46 + "".join(f"{heading:>12}" for heading in HEADINGS), flush=True)
    with replication_pair.durable_pair(ReplicatedServer) as pair:
        for nemesis in KINDS:
            for leader in ("postgres", "sqlite"):
                name = f"{nemesis.__name__.replace('_', ' ')[:38]} ({leader[:6]})"
                show(name, n_runs, lambda d, _, n=nemesis, x=leader: run_campaign(pair, d, n, x))
        show("two machines, one cut", n_runs, lambda d, n: run_two_machines(pair, d, (1 + n % 2,)))
        show("two machines, both cut", n_runs, lambda d, _: run_two_machines(pair, d, (1, 2)))


if __name__ == "__main__":
    main()
