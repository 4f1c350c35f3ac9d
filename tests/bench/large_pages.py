"""What every page, API route and admin list costs in a site of 100,000 songs, against 10,000.

    OPENBLAS_NUM_THREADS=1 nice -n 5 .venv/bin/python -m tests.bench.large_pages
        [--folder FOLDER]

The sites are those of ``large_site.py``, kept in ``FOLDER/10000`` and ``FOLDER/100000``; to a copy
the listeners are added whose likes they hold, 5,000 and 50,000. Each site is asked in a process of
its own, which has loaded its indexes, in turns of a second, so that a busy machine slows both.
Printed is the processor time of a request, the least of all rounds, where it grows most.
"""

import argparse
import json
import logging
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.servers.site import UNLIMITED

from .index_growth import ROOT, environment
from .large_site import prepare

SIZES = {10_000: 5_000, 100_000: 50_000}
"""Songs, and the listeners who like ten times as many (``large_catalogue.py``)."""
N_ROUNDS = 10
N_LISTS = 5
N_SHOWN = 20
NEW_LIST = "a new list for 50 stored songs"
MOST = 1.3


@contextmanager
def counting_microseconds() -> Iterator[Callable[[], int]]:
    """Gives a function that says how much processor time the block has taken so far."""
    began = time.process_time()
    yield lambda: round((time.process_time() - began) * 1e6)


def measure(n_listeners: int) -> None:
    """For each line of the input, write the microseconds of each address of the site."""
    import django
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    logging.disable()
    from accounts.models import User
    from music.domain import index
    from music.domain.warming import settle_memory
    from tests.test_growth import Visits

    User.objects.bulk_create(
        User(pk=pk, user_id=f"grown {pk}", email=f"grown{pk}@example.org", password="!")
        for pk in range(1, n_listeners + 1)
    )
    index.get_snapshot()
    visits = Visits()
    visits.measure()
    settle_memory()
    for _turn in sys.stdin:
        taken = visits.measure(counting_microseconds)
        print(json.dumps(taken | {NEW_LIST: min(time_new_lists())}), flush=True)


def time_new_lists() -> list[int]:
    """Return the microseconds of lists for fifty stored songs, other songs each time."""
    from django.test import Client

    from music.models import Song

    rows = Song.objects.order_by("pk").values_list("artist", "title")[:5000]
    names, client, taken = [f"{artist} - {title}" for artist, title in rows], Client(), []
    for _ in range(N_LISTS):
        body = json.dumps({"songs": random.sample(names, 50)})
        with counting_microseconds() as taken_so_far:
            client.post("/suggestions", body, "application/json")
            taken.append(taken_so_far())
    return taken


def start(folder: Path, n_listeners: int, scratch: Path) -> subprocess.Popen[str]:
    """Start the process that asks a copy of the site in ``folder`` (``measure``)."""
    copy = scratch / folder.name
    shutil.copytree(folder, copy)
    told = {
        "INDEX_AUTO_BUILD": "false",
        "YOUTUBE_OEMBED": "false",
        **UNLIMITED,
        "LOG_LEVEL": "error",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.large_pages", "--measure", str(n_listeners)],
        cwd=ROOT,
        env=environment(copy) | told,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ask(site: subprocess.Popen[str]) -> dict[str, int]:
    """Return the microseconds of each address, each asked once."""
    assert site.stdin is not None
    assert site.stdout is not None
    site.stdin.write("again\n")
    site.stdin.flush()
    taken: dict[str, int] = json.loads(site.stdout.readline())
    return taken


def show(taken: dict[int, dict[str, list[int]]]) -> None:
    """Print the addresses whose least time grows most.

    Most addresses read nothing that grows: what all of them take more, in the middle, is the
    machine's, and growth is what an address takes beyond it.
    """
    small, large = (
        {name: min(times) / 1000 for name, times in taken[size].items()} for size in SIZES
    )
    ratios = {name: large[name] / small[name] for name in small.keys() & large.keys()}
    middle = statistics.median(ratios.values())
    growth = {name: ratio / middle for name, ratio in ratios.items()}
    n_over = sum(times > MOST for times in growth.values())
    print(
        f"{len(growth)} addresses, {n_over} grow over {MOST} times; the machine {middle:.2f} times"
    )
    print(f"{'processor ms, least':<56}{'10,000':>9}{'100,000':>9}{'growth':>8}")
    most = sorted(growth, key=lambda name: -growth[name])[:N_SHOWN]
    for name in dict.fromkeys((NEW_LIST, *most)):
        print(f"{name:<56}{small[name]:9.2f}{large[name]:9.2f}{growth[name]:8.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--measure", type=int)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure)
        return
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sites = {}
        for size, n_listeners in SIZES.items():
            prepare(folder / str(size), size)
            sites[size] = stack.enter_context(start(folder / str(size), n_listeners, scratch))
        taken: dict[int, dict[str, list[int]]] = {size: {} for size in SIZES}
        for _round in range(N_ROUNDS):
            for size, site in sites.items():
                for name, microseconds in ask(site).items():
                    taken[size].setdefault(name, []).append(microseconds)
        for site in sites.values():
            site.communicate()
    show(taken)


if __name__ == "__main__":
    main()
