"""TuneTrace as a user starts it: ``manage.py serve`` in a folder of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .once import make_once

ROOT = Path(__file__).parent.parent.parent
START_LIMIT_SECONDS = 240.0
UNLIMITED = {
    "ANONYMOUS_REQUESTS_PER_MINUTE": "1000000000",
    "LISTENER_REQUESTS_PER_MINUTE": "1000000000",
    "PAGES_PER_MINUTE": "1000000000",
}
INDEX_LIMIT_SECONDS = 200.0
FIRST_ANSWER = "first-answer.json"
JSON_HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Site:
    """A running site: its address, its process, and the time to its first answer."""

    url: str
    process: subprocess.Popen[bytes]
    seconds_to_first_answer: float
    log: Path


def find_free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


SERVE = (sys.executable, "manage.py", "serve")


@contextmanager
def running_site(
    folder: Path, command: Sequence[str] = SERVE, **environment: str
) -> Iterator[Site]:
    """Serve from ``folder`` (database, state, log) until the block ends; the port is free again.

    A second run in the same folder is a restart. ``environment`` adds variables.
    """
    port = find_free_port()
    variables = {
        **variables_of(folder),
        "PORT": str(port),
        **UNLIMITED,
        "LOG_LEVEL": "warning",
        "INDEX_AUTO_BUILD": "true",
        "YOUTUBE_OEMBED": "false",
        # Background work has tests of its own; elsewhere it would only take processor time.
        "JOB_THREADS": "0",
        **environment,
    }
    log = folder / "site.log"
    with log.open("ab") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=variables,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", process, log)
        yield Site(f"http://127.0.0.1:{port}", process, time.monotonic() - began, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)


def prepare_folder(folder: Path, shared: Path) -> None:
    """Fill ``folder`` as a first start does: the database with the catalogue, and the index.

    It is made once in ``shared`` and copied: it takes half a minute, and more than ten tests begin
    with a site that has it.
    """
    made = shared / "prepared-site"
    make_once(made, _start_for_the_first_time)
    shutil.copytree(made, folder, dirs_exist_ok=True)


def _start_for_the_first_time(folder: Path) -> None:
    """Serve in an empty folder until the index is built, and keep the first answer beside it."""
    question = json.dumps({"songs": ["Come As You Are", "Yesterday"], "genre": "Rock"}).encode()
    with running_site(folder, WEB_WORKERS="1") as site:
        request = urllib.request.Request(f"{site.url}/suggestions", question, JSON_HEADERS)
        with urllib.request.urlopen(request, timeout=60) as answer:
            (folder / FIRST_ANSWER).write_bytes(answer.read())
        deadline = time.monotonic() + INDEX_LIMIT_SECONDS
        while "Built index" not in site.log.read_text():
            if time.monotonic() > deadline:
                raise TimeoutError(f"no index was built:\n{site.log.read_text()}")
            time.sleep(0.2)


def variables_of(folder: Path) -> dict[str, str]:
    """The environment in which TuneTrace keeps everything in ``folder``."""
    return {
        "PATH": os.environ["PATH"],
        "DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "tunetrace_site.settings",
        "OPENBLAS_NUM_THREADS": "1",
        "STATE_DIR": str(folder / "state"),
        "SQLITE_DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
    }


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the site did not start:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise TimeoutError(f"no answer from {url}:\n{log.read_text()}")
