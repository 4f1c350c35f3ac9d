"""Latency of ``POST /suggestions`` while Redis is killed and while it is frozen.

Most requests are for lists that were asked for before, one in twenty is for a new one. Quiet
phases and faults take turns, and all latencies of a kind are put together: other work on the
machine then weighs on all of them alike.

Run: .venv/bin/python tests/bench/cache_outage.py
"""

import http.client
import itertools
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from tests.bench.cache_site import prepare, serving
from tests.servers.redis import RedisServer

N_ROUNDS = 3
N_CLIENTS = 4
N_KNOWN = 200
NEW_SHARE = 0.05
SONGS = ["Come As You Are", "Yesterday", "Like a Rolling Stone", "Halo", "Yellow", "Creep"]
_new = itertools.count()


class Phase:
    """The requests of the clients in one kind of phase."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.n_errors = 0

    def quantile(self, share: float) -> float:
        """Return the milliseconds that ``share`` of the requests did not exceed."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1e3


def make_body(known: int | None) -> bytes:
    """Return the body of a request that was made before, or of a new one."""
    words = f"known {known}" if known is not None else f"new {next(_new)}"
    return json.dumps({"songs": [*SONGS[:3], words], "limit": 10}).encode()


def run_client(url: str, phase: Phase, ends_at: float) -> None:
    """Send one request after another over one connection until ``ends_at``."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    while time.monotonic() < ends_at:
        known = None if random.random() < NEW_SHARE else random.randrange(N_KNOWN)
        began = time.monotonic()
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/suggestions", make_body(known), headers)
            answer = connection.getresponse()
            answer.read()
            phase.n_errors += answer.status != 200
        except OSError:
            phase.n_errors += 1
            connection.close()
        phase.waits.append(time.monotonic() - began)


def run_phase(url: str, phase: Phase, seconds: float, events: list[tuple[float, Callable]]) -> None:
    """Load the site for ``seconds``.

    Each event happens at its number of seconds after the start.
    """
    ends_at = time.monotonic() + seconds
    clients = [
        threading.Thread(target=run_client, args=(url, phase, ends_at)) for _ in range(N_CLIENTS)
    ]
    for client in clients:
        client.start()
    for delay, event in events:
        time.sleep(delay)
        event()
    for client in clients:
        client.join()


def warm_up(url: str) -> None:
    """Request every known list often enough for each worker to hold it."""
    for known in [*range(N_KNOWN)] * 4:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/suggestions", make_body(known), headers)
        assert connection.getresponse().status == 200
        connection.close()


def main() -> None:
    phases = {name: Phase() for name in ("before", "Redis killed", "Redis frozen")}
    with RedisServer() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**prepare(folder), "REDIS_URL": server.url}
        with serving(environment, folder / "site.log") as url:
            warm_up(url)
            for _ in range(N_ROUNDS):
                run_phase(url, phases["before"], 5, [])
                killed = [(1.0, server.kill), (3.0, server.start)]
                run_phase(url, phases["Redis killed"], 5, killed)
                time.sleep(1.5)
                run_phase(url, phases["before"], 5, [])
                frozen = [(1.0, server.freeze), (3.0, server.thaw)]
                run_phase(url, phases["Redis frozen"], 5, frozen)
                time.sleep(1.5)
    print(
        f"{'':<14}{'requests':>9}{'errors':>8}{'p50 ms':>8}{'p99 ms':>8}{'max ms':>8}{'p99 x':>7}"
    )
    before = phases["before"].quantile(0.99)
    for name, phase in phases.items():
        p50, p99, longest = (phase.quantile(share) for share in (0.5, 0.99, 1.0))
        print(
            f"{name:<14}{len(phase.waits):>9}{phase.n_errors:>8}{p50:>8.1f}{p99:>8.1f}"
            f"{longest:>8.1f}{p99 / before:>7.2f}"
        )
    print("\nto reach: p99 at most 1.5 times that before, no errors")


if __name__ == "__main__":
    main()
