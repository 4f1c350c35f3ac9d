"""A server that speaks the YouTube Data API v3: ``python -m tests.servers.youtube --port 0``.

Prints the address it listens on. ``running_server`` starts it as a process of its own and gives a
handle on its control pages.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

PROJECT = Path(__file__).resolve().parents[2]
TEST_KEY = "test-key-AIzaSyDoNotLog"

_opener = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class YouTubeServer:
    """A running server: its address and its controls."""

    url: str
    process: subprocess.Popen
    key: str = TEST_KEY

    def report(self) -> dict[str, Any]:
        """Calls so far: ``searches``, ``units``, ``refused``, ``requests``, ``by_resource``."""
        with _opener.open(f"{self.url}/_control/report", timeout=10) as answer:
            return json.load(answer)

    def reset(self) -> None:
        """A new day: counters at zero, no faults."""
        self._post("reset", {})

    def fail(self, mode: str, **how: Any) -> None:
        """Make calls fail; see ``handler.py`` for modes, ``ledger.Fault`` for ``how``."""
        self._post("fault", {"mode": mode, **how})

    def configure(self, **settings: Any) -> None:
        """Change ``daily_searches``, ``daily_units``, ``latency_seconds``, or ``videos``."""
        self._post("settings", settings)

    def _post(self, page: str, body: dict[str, Any]) -> None:
        request = Request(f"{self.url}/_control/{page}", json.dumps(body).encode(), method="POST")
        _opener.open(request, timeout=10).close()


class _Server(ThreadingHTTPServer):
    """Accepts any number of connections at once: with the library's 5, others wait a second."""

    request_queue_size = 128
    daemon_threads = True


@contextmanager
def running_server(
    *,
    world: str = "synthetic",
    n_artists: int = 40,
    n_songs: int = 400,
    latency_seconds: float = 0.0,
    daily_searches: int = 100,
    daily_units: int = 10_000,
) -> Iterator[YouTubeServer]:
    """Start the server and wait until it listens; it is killed at the end."""
    command = [sys.executable, "-m", "tests.servers.youtube", "--world", world]
    command += ["--n-artists", str(n_artists), "--n-songs", str(n_songs)]
    command += ["--latency-seconds", str(latency_seconds)]
    command += ["--daily-searches", str(daily_searches), "--daily-units", str(daily_units)]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise RuntimeError("the YouTube server did not start")
        yield YouTubeServer(url, process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def main() -> None:
    options = _read_options()
    from tests.servers.youtube_api.handler import Handler
    from tests.servers.youtube_api.ledger import Ledger

    Handler.world = _build_world(options)
    Handler.world.search("warm up")  # builds the index, so that the first search is not slow
    Handler.ledger = Ledger(options.daily_searches, options.daily_units)
    Handler.valid_keys = frozenset(options.key)
    Handler.latency_seconds = options.latency_seconds
    server = _Server(("127.0.0.1", options.port), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


def _build_world(options: argparse.Namespace) -> Any:
    if options.world == "real":
        from tests.servers.youtube_world.real import build_real_world

        return build_real_world()
    from tests.servers.youtube_world.synthetic import build_synthetic_world

    return build_synthetic_world(n_artists=options.n_artists, n_songs=options.n_songs)[0]


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--world", choices=("synthetic", "real"), default="synthetic")
    parser.add_argument("--n-artists", type=int, default=40)
    parser.add_argument("--n-songs", type=int, default=400)
    parser.add_argument("--latency-seconds", type=float, default=0.0)
    parser.add_argument("--daily-searches", type=int, default=100)
    parser.add_argument("--daily-units", type=int, default=10_000)
    parser.add_argument("--key", nargs="+", default=[TEST_KEY])
    return parser.parse_args()


if __name__ == "__main__":
    main()
