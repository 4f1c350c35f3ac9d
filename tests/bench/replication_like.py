"""What a like costs with both databases, against the same like on each alone.

Run: ``.venv/bin/python tests/bench/replication_like.py [N_LIKES]``. The ways take turns in one
process, so that a busy machine slows all of them alike.
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
from music.models import UserLikedSong
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.triggers import drop_triggers, install_triggers
from tunetrace_site.replication.unit import run_unit


def like(song: str) -> None:
    """What the domain does for a like of a known song."""
    user = User.objects.get(user_id="ann")
    UserLikedSong.objects.get_or_create(user=user, song_name=song)


def alone(alias: str) -> Callable[[str], None]:
    """A like on one database as if there were no other: one transaction, no triggers."""

    def run(song: str) -> None:
        with pinned(alias), transaction.atomic(using=alias):
            like(song)

    return run


def both(preference: str) -> Callable[[str], None]:
    """A like as the site does it, with ``preference`` leading."""

    def run(song: str) -> None:
        settings.DB_READ_PREFERENCE = preference
        run_unit(lambda: like(song))

    return run


def time_rounds(ways: dict[str, Callable[[str], None]], n_likes: int) -> dict[str, list[float]]:
    """Milliseconds of each like; ways with and without triggers take turns of 20."""
    taken = defaultdict(list)
    for start in range(0, n_likes, 20):
        for name, run in ways.items():
            change = drop_triggers if "alone" in name else install_triggers
            for alias in (SQLITE, POSTGRES):
                change(connections[alias])
            run(f"{name} warm {start}")
            for n in range(start, start + 20):
                began = time.perf_counter()
                run(f"{name} {n}")
                taken[name].append((time.perf_counter() - began) * 1000)
    return taken


def main(n_likes: int) -> None:
    with replication_pair.durable_pair():
        run_unit(lambda: User.objects.create(user_id="ann"))
        ways = {
            "PostgreSQL alone": alone(POSTGRES),
            "SQLite alone": alone(SQLITE),
            "both, PostgreSQL leads": both("postgres"),
            "both, SQLite leads": both("sqlite"),
        }
        taken = time_rounds(ways, n_likes)
    print(f"{'a like':<24} {'p10 ms':>8} {'p50 ms':>8}   against the sum of both alone")
    quantiles = {
        name: (statistics.quantiles(t, n=10)[0], statistics.median(t)) for name, t in taken.items()
    }
    sums = [sum(quantiles[name][i] for name in list(ways)[:2]) for i in (0, 1)]
    for name, (p10, p50) in quantiles.items():
        ratio = f"{p10 / sums[0]:.2f} (p10)  {p50 / sums[1]:.2f} (p50)" if "both" in name else ""
        print(f"{name:<24} {p10:8.2f} {p50:8.2f}   {ratio}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
