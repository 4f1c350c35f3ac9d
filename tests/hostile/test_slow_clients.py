"""Nobody is shut out by clients that are slow, many, or stopped in the middle."""

import json
import socket
import time
import urllib.request

import pytest

from tests.servers.site import Site, running_site
from tunetrace_site.supervisor import SERVER

from .slow import BEGINNINGS, connect, slow_clients

pytestmark = pytest.mark.timeout(240)

N_SLOW = 200
PATIENCE_SECONDS = 20.0
"""A request that nobody holds up takes milliseconds, but other tests may load the machine."""


@pytest.fixture(scope="module")
def site(make_site_folder):
    with running_site(make_site_folder(), SERVER, WEB_WORKERS="1", WEB_THREADS="4") as running:
        # The first suggestions wait for what is loaded once, and are cached for what follows.
        ask(running, "/suggestions", {"songs": ["Yesterday"]}, patience_seconds=100)
        yield running


def ask(
    site: Site, path: str, body: object = None, *, patience_seconds: float = PATIENCE_SECONDS
) -> int:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(site.url + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=patience_seconds) as answer:
        answer.read()
        return answer.status


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_two_hundred_slow_clients_shut_nobody_out(site, kind):
    # Anew each time: the site ends connections that keep it waiting, which is not the matter here.
    for _ in range(3):
        with slow_clients(site, kind, N_SLOW) as drip:
            assert drip() == N_SLOW
            assert ask(site, "/health") == 200
            assert ask(site, "/about/") == 200
            assert ask(site, "/suggestions", {"songs": ["Yesterday"]}) == 200


def test_more_slow_clients_than_there_is_room_for_give_way_to_others(make_site_folder):
    """Of 120 that begin a request where 60 have room, the oldest are sent away."""
    arguments = "--worker-connections 60"
    with (
        running_site(
            make_site_folder(), SERVER, WEB_WORKERS="1", GUNICORN_CMD_ARGS=arguments
        ) as small,
        slow_clients(small, "header", 120) as drip,
    ):
        assert ask(small, "/health") == 200
        assert 0 < drip() <= 60
        assert ask(small, "/about/") == 200


def wait_for_end(connection: socket.socket) -> float:
    """Seconds until the site closes the connection."""
    began = time.monotonic()
    connection.settimeout(60)
    assert connection.recv(1) == b""
    connection.close()
    return time.monotonic() - began


def test_header_that_does_not_end_in_ten_seconds_ends_the_connection(site):
    waiting = [connect(site, BEGINNINGS[kind]) for kind in ("header", "idle")]
    assert 7 < wait_for_end(waiting[0]) < 16
    wait_for_end(waiting[1])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["body", "form", "chunks"])
def test_body_that_does_not_end_in_thirty_seconds_ends_the_connection(site, kind):
    assert 25 < wait_for_end(connect(site, BEGINNINGS[kind])) < 40


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while part := connection.recv(65536):
        received += part
    connection.close()
    return received


def test_chunked_body_is_read(site):
    chunks = b'6\r\n{"song\r\n12\r\ns": ["Yesterday"]}\r\n0\r\n\r\n'
    head = (
        b"POST /suggestions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    answer = read_all(connect(site, head + chunks))
    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("path", ["/theme/", "/suggestions", "/nowhere", "/static/css/base.css"])
def test_body_of_three_hundred_megabytes_is_refused_before_it_is_sent(site, path):
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 300000000\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    answer = read_all(connect(site, head.encode()))
    assert answer.startswith(b"HTTP/1.1 413")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "too_large"


def test_endless_chunks_are_refused(site):
    connection = connect(site, BEGINNINGS["chunks"] + b"12345678\r\n")
    with pytest.raises(OSError):  # closed in the middle of what is sent
        for _ in range(100):
            connection.sendall(b"10000\r\n" + b"a" * 65536 + b"\r\n")


def test_header_of_32_kilobytes_is_refused(site):
    answer = read_all(connect(site, b"GET / HTTP/1.1\r\nX-Long: ".ljust(32 * 1024, b"a")))
    assert answer.startswith(b"HTTP/1.0 431")


@pytest.mark.parametrize(
    "path", ["/", "/health", "/suggestions", "/static/css/base.css", "/admin/"]
)
def test_no_answer_says_what_serves_it(site, path):
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    header = read_all(connect(site, head.encode())).partition(b"\r\n\r\n")[0]
    names = {line.partition(b":")[0].lower() for line in header.split(b"\r\n")[1:]}
    assert not names & {b"server", b"via", b"x-powered-by"}


def test_connection_is_kept_for_the_next_request(site):
    connection = connect(site)
    for path in ("/health", "/about/", "/static/css/base.css", "/nowhere"):
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        header = connection.recv(1 << 20).partition(b"\r\n\r\n")[0].lower()
        assert b"content-length: " in header
        assert b"connection: close" not in header
        time.sleep(0.2)
        connection.setblocking(False)
        try:
            while connection.recv(1 << 20):
                pass
        except BlockingIOError:
            connection.settimeout(10)
