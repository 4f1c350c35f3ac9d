"""Machines without SQLite behind one address, and listeners who check what they are answered.

``Front`` is the proxy: each request goes to the next machine, or where nobody listens there to the
one after it. It repeats nothing that a machine has begun.
"""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import urlsplit

from tunetrace_site.replication.replica_reads import NOTE_SECONDS

LIKES = "/api/v1/liked-songs"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "date", "server"}
PATIENCE_SECONDS = 20.0


class Front:
    """A proxy before ``machines``, addresses that may be changed at any time."""

    def __init__(self, machines: list[str]) -> None:
        self.machines = machines
        self._turns = count()
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65_537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                front._forward(self, body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Front":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _forward(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        connection = self._connect()
        try:
            headers = {k: v for k, v in handler.headers.items() if k.lower() not in HOP_BY_HOP}
            connection.request(handler.command, handler.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            handler.send_error(502, type(error).__name__)
            return
        finally:
            connection.close()
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP | {"content-length"}:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _connect(self) -> http.client.HTTPConnection:
        for _ in self.machines:
            turn = next(self._turns)
            place = urlsplit(self.machines[turn % len(self.machines)])
            connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
            try:
                connection.connect()
            except OSError:
                continue
            return connection
        return connection  # which says that nobody listens


@dataclass
class Listener:
    """Likes and unlikes songs, and reads after each what they like: exactly what was confirmed."""

    url: str
    secret: str
    songs: list[str]
    liked: dict[str, str] = field(default_factory=dict)
    n_confirmed: int = 0
    stale: list[str] = field(default_factory=list)
    failures: list[tuple[float, float, str]] = field(default_factory=list)
    """When a request that failed began and ended, and why."""

    def run(self, stop: threading.Event) -> None:
        """Go on until ``stop`` is set."""
        for turn in count():
            if stop.wait(0.05):
                return
            song = self.songs[turn * 7 % len(self.songs)]
            if song in self.liked:
                self._ask("DELETE", f"{LIKES}/{self.liked.pop(song)}")
            else:
                self.liked[song] = self._ask("POST", LIKES, {"song_id": song})["id"]
            self.n_confirmed += 1
            self.check()
            if turn % 4 == 0:
                # From now on a replica may answer, while others' writes go on.
                stop.wait(NOTE_SECONDS + 0.1)
                self.check()

    def check(self) -> None:
        """Note where what is read is not what was confirmed."""
        for _ in range(2):
            found = {like["id"] for like in self._ask("GET", f"{LIKES}?limit=100")}
            if found != set(self.liked.values()):
                self.stale.append(f"{len(found)} likes, not {len(self.liked)}")

    def _ask(self, method: str, path: str, body: object = None) -> object:
        """Send a request, and again while it fails; a DELETE that was done already is done."""
        ends_at = time.monotonic() + PATIENCE_SECONDS
        n_tries = 0
        while True:
            n_tries += 1
            began_at = time.monotonic()
            try:
                return ask(self.url, method, path, self.secret, body)
            except urllib.error.HTTPError as error:
                if method == "DELETE" and error.code == 404 and n_tries > 1:
                    return None
                problem = f"{method} {error.code} {error.reason}"
            except OSError as error:
                problem = f"{method} {error}"
            self.failures.append((began_at, time.monotonic(), problem))
            if time.monotonic() > ends_at:
                raise TimeoutError(problem)
            time.sleep(0.05)


def ask(url: str, method: str, path: str, secret: str = "", body: object = None) -> object:
    """Return the decoded answer to one request; None for one without content."""
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    data = None
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    request = urllib.request.Request(url + path, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        content = answer.read()
    return json.loads(content) if content else None


@contextmanager
def listening(listeners: list[Listener]) -> Iterator[None]:
    """Let all listeners run during the block; raises what one of them raised."""
    stop, problems = threading.Event(), []

    def run(listener: Listener) -> None:
        try:
            listener.run(stop)
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=run, args=[listener]) for listener in listeners]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if problems:
        raise problems[0]
