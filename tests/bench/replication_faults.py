"""What callers notice while databases are killed, frozen and locked: the fault campaign's figures.

Run: ``.venv/bin/python tests/bench/replication_faults.py [all]``. Four processes write, each with a
pause of 20 ms, and journal every acknowledgement; without ``all`` only the two worst faults run.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import replication_pair

from tests.faults import nemeses
from tests.faults.campaign import Campaign
from tests.faults.checker import Journal, Verdict
from tests.servers.pair import Pair, installed

SHORT = [nemeses.postgres_flapping, nemeses.postgres_frozen]
ALL = [
    nemeses.postgres_killed,
    *SHORT,
    nemeses.connections_reset,
    nemeses.statements_cancelled,
    nemeses.sqlite_locked,
    nemeses.both_down,
    nemeses.workers_killed,
    nemeses.slow_commits,
]
HEADINGS = ("fault", "leader", "ops", "acked", "lost", "differ", "refused", "errors")
TIMES = ("p50 ms", "p99 ms", "max ms", "no fault", "over 1.5 s")


def run(pair: Pair, nemesis, preference: str) -> None:
    """One campaign in databases of its own; prints a line."""
    with tempfile.TemporaryDirectory(prefix="tt-faults-") as directory:
        fresh = Pair(pair.templates, Path(directory))
        with installed(fresh.sqlite_path, fresh.url, fresh.state_dir):
            campaign = Campaign(fresh, preference, n_rounds=2, outage_seconds=4, n_after=300)
            campaign.relay_once()
            verdict = campaign.run(nemesis)
            show(nemesis.__name__, preference, verdict, campaign)


def show(name: str, preference: str, verdict: Verdict, campaign: Campaign) -> None:
    n_lost = sum(len(keys) for keys in verdict.lost.values())
    n_refused = verdict.outcomes["refused"]
    n_errors = verdict.n_operations - verdict.outcomes["ok"] - n_refused
    counts = (verdict.n_operations, verdict.n_acknowledged, n_lost, len(verdict.differing))
    times = read_times(campaign.read_journal(), campaign.windows)
    print(f"{name:<22} {preference:<9}", end="")
    print("".join(f"{count:>9,}" for count in (*counts, n_refused, n_errors)), end="")
    print("".join(f"{ms:>9,.0f}" for ms in times), end="")
    print(f"  {max(verdict.slow.values(), default=0)} a process", flush=True)


def read_times(journal: Journal, windows: list[tuple[float, float, str]]) -> tuple[float, ...]:
    """p50, p99 and maximum in ms of the writes during a fault, and p99 of the others."""
    inside, outside = [], []
    for at, _, seconds in journal.durations:
        during = any(began <= at < ended for began, ended, _ in windows)
        (inside if during else outside).append(seconds * 1000)
    quantiles = statistics.quantiles(inside, n=100)
    return quantiles[49], quantiles[98], max(inside), statistics.quantiles(outside, n=100)[98]


def main(faults: list) -> None:
    print(f"{HEADINGS[0]:<22} {HEADINGS[1]:<9}", end="")
    print("".join(f"{h:>9}" for h in (*HEADINGS[2:], *TIMES[:4])), f"  {TIMES[4]}")
    print("(no fault: p99 in ms of the writes of the same run outside the fault)")
    with replication_pair.durable_pair() as pair:
        for nemesis in faults:
            for preference in ("postgres", "sqlite"):
                run(pair, nemesis, preference)


if __name__ == "__main__":
    main(ALL if sys.argv[1:] == ["all"] else SHORT)
