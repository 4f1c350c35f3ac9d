"""Sixteen processes that reserve at once until refused; prints how often each could, as JSON.

Runs in the settings of a site, whose databases the environment names. The processes are forked
from one that has opened no connection yet.
"""

import json
import multiprocessing

import django

django.setup()

from music.errors import QuotaExhausted  # noqa: E402
from music.youtube import quota  # noqa: E402

N_WORKERS = 16


def reserve_until_refused(start: object) -> int:
    """Wait until all are there, then take units until there are none."""
    start.wait()
    n_granted = 0
    try:
        while True:
            quota.reserve("units", 1, "listener")
            n_granted += 1
    except QuotaExhausted:
        return n_granted


def work(start: object, answers: object) -> None:
    answers.put(reserve_until_refused(start))


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(N_WORKERS), context.Queue()
    workers = [context.Process(target=work, args=(start, answers)) for _ in range(N_WORKERS)]
    for worker in workers:
        worker.start()
    print(json.dumps([answers.get(timeout=90) for _ in workers]))
    for worker in workers:
        worker.join()
