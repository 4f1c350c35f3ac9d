"""A reload (SIGHUP) under load: no request fails, and the old workers answer until new ones do.

``pytest tests/test_handover.py -s`` prints for how long nobody was answered.
"""

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from tests.servers.site import ROOT, find_free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)
N_CLIENTS = 4


@contextmanager
def serving(folder: Path, n_workers: int) -> Iterator[tuple[str, subprocess.Popen]]:
    """The site as ``serve`` starts it in a folder that is prepared; its address and process."""
    environment = {
        "PATH": os.environ["PATH"],
        "DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "tunetrace_site.settings",
        "PORT": str(find_free_port()),
        "STATE_DIR": str(folder / "state"),
        "SQLITE_DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
        "ANONYMOUS_REQUESTS_PER_MINUTE": "1000000",
        "INDEX_AUTO_BUILD": "false",
        "WEB_WORKERS": str(n_workers),
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "python:tunetrace_site.gunicorn"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{environment['PORT']}"
    try:
        wait_until(lambda: is_up(url))
        yield url, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


class Clients:
    """They ask for a page again and again, each time over a new connection."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answered_at: list[float] = []
        self.failed: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(N_CLIENTS)]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._stop.is_set():
            try:
                with urllib.request.urlopen(f"{self.url}/api/v1/genres", timeout=20) as answer:
                    answer.read()
                self.answered_at.append(time.monotonic())
            except (urllib.error.URLError, OSError) as error:
                self.failed.append(str(error))
            self._stop.wait(0.03)

    def longest_silence(self, since: float) -> float:
        """The longest time (seconds) in which nobody was answered."""
        moments = sorted(moment for moment in self.answered_at if moment > since)
        return max(later - earlier for earlier, later in pairwise(moments))


def list_workers(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


@pytest.mark.parametrize("n_workers", [pytest.param(1, marks=pytest.mark.slow), 2])
def test_reload_under_load_fails_nothing_and_the_old_workers_answer_meanwhile(
    make_site_folder, n_workers
):
    with serving(make_site_folder(), n_workers) as (url, process), Clients(url) as clients:
        time.sleep(1)
        before, began = list_workers(process.pid), time.monotonic()
        assert len(before) == n_workers
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: not before & list_workers(process.pid))
        seconds = time.monotonic() - began
        time.sleep(1)
    silence = clients.longest_silence(began)
    n_answered = sum(began < moment < began + seconds for moment in clients.answered_at)
    print(
        f"{n_workers} workers relieved in {seconds:.1f} s, {n_answered} answered meanwhile, "
        f"longest silence {silence:.3f} s"
    )
    assert clients.failed == []
    # Without a handover only what was in hand is answered until the new workers have loaded.
    assert n_answered > 5 * N_CLIENTS


def test_site_that_is_told_to_end_straight_after_a_reload_ends(make_site_folder):
    with serving(make_site_folder(), 1) as (_, process):
        [worker] = list_workers(process.pid)
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(list_workers(process.pid)) == 2)
        [young] = list_workers(process.pid) - {worker}
        os.kill(young, signal.SIGSTOP)  # a machine so busy that it does not get to start it
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: worker not in list_workers(process.pid))
        os.kill(young, signal.SIGCONT)
        process.wait(timeout=60)
        # gunicorn alone waits half a minute for the young one, and another one to end it.
        assert time.monotonic() - began < 25


def test_worker_that_dies_while_it_starts_does_not_keep_the_old_one(make_site_folder):
    with serving(make_site_folder(), 1) as (url, process):
        [worker] = list_workers(process.pid)
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: len(list_workers(process.pid)) == 2)
        [young] = list_workers(process.pid) - {worker}
        os.kill(young, signal.SIGKILL)
        wait_until(lambda: worker not in list_workers(process.pid))
        wait_until(lambda: is_up(url))
