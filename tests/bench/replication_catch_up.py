"""How fast a database catches up after an outage, and how fast both are compared.

Run: ``.venv/bin/python tests/bench/replication_catch_up.py [N_ROWS]`` (10,000 by default).
"""

import resource
import sys
import time

import replication_pair
from django.db import connections, transaction

from accounts.models import User
from music.models import UserLikedSong
from tunetrace_site.replication.databases import POSTGRES, SQLITE, display_name, other
from tunetrace_site.replication.drain import drain
from tunetrace_site.replication.full_sync import sync_everything
from tunetrace_site.replication.reconcile import compare_databases
from tunetrace_site.replication.router import pinned
from tunetrace_site.replication.unit import run_unit


def add_likes(alias: str, n_rows: int) -> None:
    """Commit likes in one database only, as while the other one is down."""
    patience = connections[POSTGRES].patience(60)  # this is not what is measured
    with patience, pinned(alias), transaction.atomic(using=alias):
        user = User.objects.get()
        rows = [UserLikedSong(user=user, song_name=f"{alias} {n}") for n in range(n_rows)]
        UserLikedSong.objects.bulk_create(rows, batch_size=500)


def measure(action) -> tuple[tuple[float, float], object]:
    """Seconds by the clock and of this process's processor time, and the result."""
    began, processor = time.perf_counter(), time.process_time()
    result = action()
    return (time.perf_counter() - began, time.process_time() - processor), result


def peak_memory_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(n_rows: int) -> None:
    with replication_pair.durable_pair():
        run_unit(lambda: User.objects.create(user_id="ann"))
        print(f"{'work':<40} {'rows':>8} {'seconds':>8} {'rows/s':>8} {'cpu s':>8}")
        for target in (SQLITE, POSTGRES):
            add_likes(other(target), n_rows)
            with connections[POSTGRES].patience(10):  # as the relay does
                seconds, n_changed = measure(lambda t=target: drain(other(t), t))
            show(f"{display_name(target)} catches up", n_changed, seconds)
        with connections[POSTGRES].patience(10):
            seconds, _ = measure(sync_everything)
        show("everything sent both ways", 2 * (2 * n_rows + 1), seconds)
        before = peak_memory_bytes()
        seconds, comparison = measure(compare_databases)
        show("compared by digests", comparison.n_rows, seconds)
        grown = (peak_memory_bytes() - before) / 1_000_000
        print(f"differing rows: {len(comparison.differences)}, memory grew by {grown:.1f} MB")


def show(work: str, n_rows: int, seconds: tuple[float, float]) -> None:
    elapsed, processor = seconds
    rate = n_rows / elapsed
    print(f"{work:<40} {n_rows:>8,} {elapsed:>8.2f} {rate:>8,.0f} {processor:>8.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
