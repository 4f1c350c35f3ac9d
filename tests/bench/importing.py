"""The duration of an import of many rows, and the response times of the site meanwhile.

    .venv/bin/python -m tests.bench.importing [ROWS]

Starts a site of its own with the bundled catalogue; prints a table.
"""

import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
import django
import requests

django.setup()

from tests.faults.importing import Guest, count_likes, make_file  # noqa: E402
from tests.servers.site import running_site  # noqa: E402


class Asker:
    """Requests ``/health`` twenty times a second until it is told to stop."""

    def __init__(self, url: str) -> None:
        self.seconds: list[float] = []
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> "Asker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        session = requests.Session()
        while not self._stop.wait(0.05):
            began = time.perf_counter()
            session.get(f"{self._url}/health", timeout=30)
            self.seconds.append(time.perf_counter() - began)


def main(n_rows: int) -> None:
    """Import, review and like; print how long each took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"JOB_THREADS": "2", "INDEX_AUTO_BUILD": "false"}
        with running_site(folder, **environment) as site, Asker(site.url) as asker:
            guest, data = Guest(site.url), make_file(n_rows)
            sent = guest.send(data)
            began = time.monotonic()
            told = guest.wait("review")
            found = time.monotonic() - began
            guest.like("sure")
            began = time.monotonic()
            guest.wait("review", "done")
            liked = time.monotonic() - began
        n_likes, _ = count_likes(folder)
    milliseconds = [1000 * seconds for seconds in asker.seconds]
    print(f"| sending {n_rows} rows ({len(data) // 1024} KB) | {sent:.1f} s |")
    print(f"| identifying them ({told['rows']}) | {found:.1f} s |")
    print(f"| liking the sure ones ({n_likes} likes) | {liked:.1f} s |")
    print(f"| all | {sent + found + liked:.1f} s |")
    median, worst = statistics.median(milliseconds), max(milliseconds)
    print(f"| /health meanwhile | median {median:.1f} ms, worst {worst:.0f} ms |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
