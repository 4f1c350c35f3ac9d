"""Whichever process is killed during an import: each row is done once, without help."""

import os
import signal
import time
from pathlib import Path

import pytest

from music.management.commands.serve import SUPERVISOR
from tests.servers.redis import RedisServer
from tests.servers.site import running_site

from .importing import Guest, count_likes, make_file, read_rows

pytestmark = pytest.mark.timeout(900)
WITH_JOBS = {"JOB_THREADS": "2", "WEB_WORKERS": "1", "INDEX_AUTO_BUILD": "false"}


def list_children(pid: int, part: str) -> list[int]:
    """Return the children of a process whose command contains ``part``."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(c) for c in children if part in Path(f"/proc/{c}/cmdline").read_text()]


def kill_consumer(site) -> int:
    """Kill the consumer as soon as there is one; return its process id."""
    deadline = time.monotonic() + 120
    while not (found := list_children(site.process.pid, "run_huey")):
        assert time.monotonic() < deadline, "there is no consumer"
        time.sleep(0.05)
    os.kill(found[0], signal.SIGKILL)
    return found[0]


def assert_each_row_once(folder: Path, n_rows: int) -> None:
    rows = read_rows(folder)
    n_likes, n_songs = count_likes(folder)
    assert sum(rows.values()) == n_rows
    assert rows.keys() <= {"liked", "had", "doubtful", "missing"}
    assert n_likes == n_songs == rows["liked"]
    # Of a catalogue's own songs next to all are sure.
    assert rows["liked"] > 0.9 * n_rows


@pytest.mark.parametrize("n_rows", [60, pytest.param(5000, marks=pytest.mark.slow)])
def test_killed_consumer_does_each_row_once(make_site_folder, n_rows):
    folder = make_site_folder()
    with running_site(folder, SUPERVISOR, **WITH_JOBS) as site:
        guest = Guest(site.url)
        guest.send(make_file(n_rows))
        guest.wait("review", n_done=1)
        killed = kill_consumer(site)
        guest.wait("review")
        guest.like("sure")
        assert kill_consumer(site) != killed
        guest.wait("review", "done")
        assert guest.ask()["rows"].get("sure", 0) == 0
    assert_each_row_once(folder, n_rows)


@pytest.mark.slow
def test_killed_site_goes_on_after_a_restart(make_site_folder):
    folder = make_site_folder()
    with running_site(folder, SUPERVISOR, **WITH_JOBS) as site:
        guest = Guest(site.url)
        guest.send(make_file(5000))
        guest.wait("review", n_done=1)
        site.process.kill()
        site.process.wait()
    with running_site(folder, SUPERVISOR, **WITH_JOBS) as site:
        guest.url = site.url
        guest.wait("review")
        guest.like("sure")
        guest.wait("review", "done")
    assert_each_row_once(folder, 5000)


@pytest.mark.slow
def test_redis_that_dies_loses_nothing(make_site_folder):
    folder = make_site_folder()
    with (
        RedisServer() as redis,
        running_site(folder, SUPERVISOR, **WITH_JOBS, JOB_REDIS_URL=redis.url) as site,
    ):
        guest = Guest(site.url)
        redis.kill()
        guest.send(make_file(5000))
        redis.start()
        guest.wait("review", n_done=1)
        redis.kill()
        time.sleep(2)
        redis.start()
        guest.wait("review")
        guest.like("sure")
        guest.wait("review", "done")
    assert_each_row_once(folder, 5000)
