"""Clients that take their time: connections that are opened and then kept waiting."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.servers.site import Site

HOST = b"Host: 127.0.0.1\r\n"
POST = b"POST /suggestions HTTP/1.1\r\n" + HOST
FORM = b"Content-Type: multipart/form-data; boundary=x\r\n"
SCRIPT = b"/static/admin/js/vendor/select2/select2.full.js"
BEGINNINGS: dict[str, bytes] = {
    "idle": b"",
    "header": b"GET / HTTP/1.1\r\n" + HOST + b"X-Slow: ",
    "body": POST + b"Content-Length: 2000\r\n\r\n{",
    "form": b"POST /theme/ HTTP/1.1\r\n" + HOST + FORM + b"Content-Length: 2000\r\n\r\n--x",
    "chunks": POST + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{",
    "reader": b"GET " + SCRIPT + b" HTTP/1.1\r\n" + HOST + b"\r\n",
}
"""What each kind of slow client sends first; a reader asks for 170 KB and does not take them."""


def connect(
    site: Site, beginning: bytes = b"", *, receive_bytes: int | None = None
) -> socket.socket:
    """A connection to the site on which ``beginning`` was sent."""
    connection = socket.socket()
    if receive_bytes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.settimeout(10)
    host, port = site.url.removeprefix("http://").split(":")
    connection.connect((host, int(port)))
    connection.sendall(beginning)
    return connection


@contextmanager
def slow_clients(site: Site, kind: str, n: int) -> Iterator[Callable[[], int]]:
    """``n`` clients of one kind until the block ends.

    Gives a function that has each send one byte more (the reader: take one) and returns how many
    of them are still connected.
    """
    small = 2048 if kind == "reader" else None
    connections = [connect(site, BEGINNINGS[kind], receive_bytes=small) for _ in range(n)]

    def drip() -> int:
        return sum(_is_held(connection, kind) for connection in connections)

    try:
        yield drip
    finally:
        for connection in connections:
            connection.close()


def _is_held(connection: socket.socket, kind: str) -> bool:
    """Whether the connection is still open after one more byte went over it."""
    try:
        if kind == "reader":
            return bool(connection.recv(1))
        if kind != "idle":
            connection.sendall(b"a")
        connection.setblocking(False)
        return bool(connection.recv(1))
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        connection.settimeout(10)
