"""What a like costs with both databases, against the same like on each alone.

Run: ``.venv/bin/python tests/bench/replication_like.py [N_LIKES]``. First the ways take turns in
one process, so that a busy machine slows all of them alike. Then four processes at a time like as
fast as they can; with both databases each of them runs the relay thread, as web workers do.
"""

import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable

import replication_pair
from django.conf import settings
from django.db import connections, transaction

from accounts.models import User
from tests.faults.hard_writers import like, write_hard
from tunetrace_site.replication.background import start_relay_thread
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.triggers import drop_triggers, install_triggers
from tunetrace_site.replication.unit import run_unit
from tunetrace_site.replication.write_queue import writer_turn

N_PROCESSES = 4
N_SECONDS = 8.0

Like = Callable[[str], None]


def alone(alias: str) -> Like:
    """A like on one database as if there were no other: one transaction, no triggers."""

    def run(song: str) -> None:
        with pinned(alias), writer_turn(alias, 5.0), transaction.atomic(using=alias):
            like(song)

    return run


def both(preference: str) -> Like:
    """A like as the site does it, with ``preference`` leading."""

    def run(song: str) -> None:
        settings.DB_READ_PREFERENCE = preference
        run_unit(lambda: like(song))

    return run


def prepare(name: str) -> None:
    """Triggers are there when both databases are used, and only then."""
    change = drop_triggers if "alone" in name else install_triggers
    for alias in (SQLITE, POSTGRES):
        change(connections[alias])


def time_rounds(ways: dict[str, Like], n_likes: int) -> dict[str, list[float]]:
    """Milliseconds of each like; ways with and without triggers take turns of 20."""
    taken = defaultdict(list)
    for start in range(0, n_likes, 20):
        for name, run in ways.items():
            prepare(name)
            run(f"{name} warm {start}")
            for n in range(start, start + 20):
                began = time.perf_counter()
                run(f"{name} {n}")
                taken[name].append((time.perf_counter() - began) * 1000)
    return taken


def print_costs(taken: dict[str, list[float]]) -> None:
    print(f"{'a like':<24} {'p10 ms':>8} {'p50 ms':>8}   against the sum of both alone")
    quantiles = {
        name: (statistics.quantiles(t, n=10)[0], statistics.median(t)) for name, t in taken.items()
    }
    sums = [sum(quantiles[name][i] for name in list(taken)[:2]) for i in (0, 1)]
    for name, (p10, p50) in quantiles.items():
        ratio = f"{p10 / sums[0]:.2f} (p10)  {p50 / sums[1]:.2f} (p50)" if "both" in name else ""
        print(f"{name:<24} {p10:8.2f} {p50:8.2f}   {ratio}")


def print_throughput(ways: dict[str, Like]) -> None:
    print(f"{N_PROCESSES} processes, {N_SECONDS:.0f} s")
    print(f"{'':<24} {'likes/s':>8} {'p50 ms':>8} {'p99 ms':>8} {'errors':>8}")
    for name, run in ways.items():
        prepare(name)
        works = write_hard(N_PROCESSES, N_SECONDS, run if "alone" in name else relaying(run))
        waits = sorted(wait for work in works for wait in work.waits_ms)
        n_errors = sum(bool(work.error) for work in works)
        p50, p99 = statistics.median(waits), waits[int(len(waits) * 0.99)]
        rate = len(waits) / N_SECONDS
        print(f"{name:<24} {rate:8.0f} {p50:8.1f} {p99:8.1f} {n_errors:8}")


def relaying(run: Like) -> Like:
    """The same, in a process that runs the relay thread."""

    def relay_and_run(song: str) -> None:
        start_relay_thread()
        run(song)

    return relay_and_run


def main(n_likes: int) -> None:
    with replication_pair.durable_pair():
        run_unit(lambda: User.objects.create(user_id="ann"))
        ways = {
            "PostgreSQL alone": alone(POSTGRES),
            "SQLite alone": alone(SQLITE),
            "both, PostgreSQL leads": both("postgres"),
            "both, SQLite leads": both("sqlite"),
        }
        print_costs(time_rounds(ways, n_likes))
        print()
        print_throughput(ways)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
