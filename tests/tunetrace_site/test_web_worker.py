"""gunicorn with waitress inside: the work is shared, and nothing is lost when workers end."""

import json
import os
import signal
import socket
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.hostile.slow import connect
from tests.servers.forked import is_alive
from tests.servers.site import Site, running_site
from tests.waiting import wait_until
from tunetrace_site.supervisor import SERVER
from tunetrace_site.web_worker import OpenConnections

pytestmark = pytest.mark.timeout(240)

HEALTH = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
BODY = json.dumps({"songs": ["Yesterday"]}).encode()
POST = (
    b"POST /suggestions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)


@pytest.fixture(scope="module")
def folder(make_site_folder) -> Path:
    """Where one site after the other runs."""
    return make_site_folder()


@pytest.fixture
def site(folder):
    """A site whose two workers both serve."""
    with running_site(folder, SERVER, WEB_WORKERS="2") as running:
        wait_until(lambda: len(share_connections(running)) == 2)
        wait_until(lambda: min(share_connections(running)) > 0)
        yield running


def list_workers(site: Site) -> list[int]:
    """The process ids of the site's workers."""
    parent = site.process.pid
    children = read_text(f"/proc/{parent}/task/{parent}/children").split()
    return [int(pid) for pid in children if "gunicorn" in read_text(f"/proc/{pid}/cmdline")]


def read_text(path: str) -> str:
    return Path(path).read_text()


def share_connections(site: Site) -> list[int]:
    """How many of sixteen connections, opened at once, each worker takes."""
    before = {pid: count_sockets(pid) for pid in list_workers(site)}
    connections = [connect(site, HEALTH) for _ in range(16)]
    for connection in connections:
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
    taken = [count_sockets(pid) - n for pid, n in before.items()]
    for connection in connections:
        connection.close()
    wait_until(lambda: all(count_sockets(pid) <= n for pid, n in before.items()))
    return taken


def count_sockets(pid: int) -> int:
    n = 0
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with suppress(FileNotFoundError):  # closed since it was listed
            n += os.readlink(f"/proc/{pid}/fd/{fd}").startswith("socket:")
    return n


def read_answer(connection: socket.socket) -> bytes:
    received = b""
    while part := connection.recv(65536):
        received += part
    return received


def test_both_workers_take_connections(site):
    """The short form. A worker that other tests keep from the processor takes few for a while."""
    taken = [0, 0]

    def has_each_taken_twenty() -> bool:
        shares = share_connections(site)
        assert sum(shares) == 16
        taken[:] = [total + share for total, share in zip(taken, shares, strict=True)]
        return min(taken) >= 20

    wait_until(has_each_taken_twenty)


@pytest.mark.slow
def test_connections_are_shared_by_both_workers(site):
    for _ in range(5):
        taken = share_connections(site)
        assert sum(taken) == 16
        assert min(taken) >= 6


def test_sigterm_answers_what_is_queued_and_tells_the_client_that_its_connection_ends(site):
    """Forty requests are on their way to eight threads, some not accepted yet, when it comes.

    Of one more the body comes later still.
    """
    late = connect(site, POST)
    time.sleep(0.5)
    connections = [connect(site, POST + BODY) for _ in range(40)]
    site.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    late.sendall(BODY)
    assert b"Connection: close\r\n" in read_answer(late)
    answers = [read_answer(connection) for connection in connections]
    assert [answer[:15] for answer in answers] == [b"HTTP/1.1 200 OK"] * 40
    assert site.process.wait(timeout=40) == 0


def test_sighup_changes_the_workers_and_loses_no_request(site):
    old = list_workers(site)
    failures: list[Exception] = []
    is_over = threading.Event()

    def ask_all_the_time() -> None:
        while not is_over.is_set():
            try:
                urllib.request.urlopen(f"{site.url}/health", timeout=10).close()
            except OSError as error:
                failures.append(error)
            is_over.wait(0.02)

    askers = [threading.Thread(target=ask_all_the_time) for _ in range(4)]
    for asker in askers:
        asker.start()
    site.process.send_signal(signal.SIGHUP)
    try:
        wait_until(lambda: not set(old) & set(list_workers(site)))
    finally:
        is_over.set()
        for asker in askers:
            asker.join()
    assert failures == []
    assert len(list_workers(site)) == 2


def test_worker_makes_room_for_a_new_one_after_so_many_requests(folder):
    arguments = "--max-requests 30 --max-requests-jitter 1"
    with running_site(folder, SERVER, WEB_WORKERS="1", GUNICORN_CMD_ARGS=arguments) as site:
        old = list_workers(site)

        def is_changed() -> bool:
            with urllib.request.urlopen(f"{site.url}/health", timeout=20) as answer:
                return answer.status == 200 and list_workers(site) != old

        wait_until(is_changed)


def test_worker_without_its_parent_ends(site):
    workers = list_workers(site)
    site.process.kill()
    site.process.wait()
    wait_until(lambda: not any(is_alive(pid) for pid in workers))


def test_excess_is_over_the_worker_in_service_with_the_fewest_connections():
    shared = OpenConnections()
    first, second = SimpleNamespace(age=1), SimpleNamespace(age=2)
    shared.record(first, 3)
    assert shared.measure_excess(first) == 0
    shared.record(second, 1)
    assert (shared.measure_excess(first), shared.measure_excess(second)) == (2, 0)
    shared.forget(second)
    assert shared.measure_excess(first) == 0
