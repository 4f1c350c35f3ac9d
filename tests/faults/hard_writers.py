"""Processes that write as fast as they can, to measure throughput and fairness.

``python -m tests.faults.hard_writers N_PROCESSES SECONDS`` likes songs on the databases of its
environment and prints one JSON object: ``n_done`` of each process, ``waits_ms`` of all, ``errors``.
"""

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tunetrace_site.settings")

import django

django.setup()

from django.db import connections  # noqa: E402

from accounts.models import User  # noqa: E402
from music.models import UserLikedSong  # noqa: E402
from tunetrace_site.replication.unit import run_unit  # noqa: E402

_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Work:
    """The result of one process: ``waits_ms`` of each write done, and the error that ended it."""

    waits_ms: list[float]
    error: str = ""


def like(song: str) -> None:
    """Like a known song as the domain does, for the stored listener ``ann``."""
    user = User.objects.get(user_id="ann")
    UserLikedSong.objects.get_or_create(user=user, song_name=song)


def write_hard(n_processes: int, seconds: float, write: Callable[[str], None]) -> list[Work]:
    """Call ``write(song)`` repeatedly in ``n_processes`` at once, each with its own songs."""
    # A forked child must not speak over its parent's connections.
    connections.close_all()
    forking = multiprocessing.get_context("fork")
    everyone_is_ready = forking.Barrier(n_processes)
    results = forking.SimpleQueue()

    def run(number: int) -> None:
        results.put(_write_for(seconds, write, number, everyone_is_ready.wait))

    processes = [forking.Process(target=run, args=(number,)) for number in range(n_processes)]
    for process in processes:
        process.start()
    works = [results.get() for _ in processes]
    for process in processes:
        process.join()
    return works


def _write_for(
    seconds: float, write: Callable[[str], None], number: int, wait: Callable[[float], int]
) -> Work:
    waits_ms: list[float] = []
    try:
        # The first write connects: not counted.
        write(f"{number} begins at {time.time()}")
        wait(_START_SECONDS)
        ends_at = time.perf_counter() + seconds
        while (began := time.perf_counter()) < ends_at:
            write(f"{number} at {began}")
            waits_ms.append((time.perf_counter() - began) * 1000)
    except Exception as error:
        return Work(waits_ms, repr(error))
    return Work(waits_ms)


def main(n_processes: int, seconds: float) -> None:
    run_unit(lambda: User.objects.get_or_create(user_id="ann"))
    works = write_hard(n_processes, seconds, lambda song: run_unit(lambda: like(song)))
    report = {
        "n_done": [len(work.waits_ms) for work in works],
        "waits_ms": sorted(wait for work in works for wait in work.waits_ms),
        "errors": [work.error for work in works if work.error],
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
