"""The site under gunicorn for the benches of the caches, with a tenth of the bundled catalogue.

What is measured is what a cached answer costs, which does not depend on how it was computed: a few
songs have an index at the first request, all of them would take a minute.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from tests.servers.redis import find_free_port
from tests.servers.site import UNLIMITED

ROOT = Path(__file__).parent.parent.parent
# Not from the code that loads it, which needs Django set up.
SONGS_FILE = ROOT / "music/catalogue/data/songs.csv"
N_SONGS = 400
START_SECONDS = 300.0
BODY = b'{"songs": ["Come As You Are", "Yesterday", "Like a Rolling Stone"], "genre": "Rock"}'


def prepare(folder: Path, extra: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Make a database with the bundled catalogue in ``folder``; return the serving environment.

    ``extra`` are additional variables.
    """
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "tests.bench.cache_settings",
        "BENCH_BODY": str(folder / "body.json"),
        "STATE_DIR": str(folder / "state"),
        "SQLITE_DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
        "INDEX_AUTO_BUILD": "false",
        **UNLIMITED,
        "LOG_LEVEL": "error",
        **extra,
    }
    songs = folder / "songs.csv"
    header, *rows = SONGS_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    asked = [row for row in rows if any(name in row for name in json.loads(BODY)["songs"])]
    songs.write_text("".join([header, *{*rows[:: len(rows) // N_SONGS], *asked}]), "utf-8")
    for command in (["init_db"], ["load_catalogue", str(songs)]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return environment


@contextmanager
def serving(environment: dict[str, str], log: Path) -> Iterator[str]:
    """Run gunicorn as in production during the block; yield the URL."""
    with serving_process(environment, log) as (url, _):
        yield url


@contextmanager
def serving_process(environment: dict[str, str], log: Path) -> Iterator[tuple[str, int]]:
    """Run gunicorn as ``serving`` does; yield the URL and the number of its master process."""
    port = find_free_port()
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "python:tunetrace_site.gunicorn"],
            cwd=ROOT,
            env={**environment, "PORT": str(port)},
            stdout=output,
            stderr=output,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/suggestions", process)
        yield url, process.pid
    finally:
        process.terminate()
        process.wait(60)


def ask(url: str, body: bytes = BODY) -> bytes:
    """Send one POST; return the bytes of the response."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def read_processor_seconds(pid: int) -> float:
    """Return the processor seconds that the workers of this gunicorn have used so far."""
    ticks = 0
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def find_wrk() -> str | None:
    """Return the path of the load generator ``wrk``, if it is installed."""
    return shutil.which("wrk")


def _wait_for(url: str, process: subprocess.Popen) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up_at:
        try:
            for _ in range(20):  # until each worker has made its small index
                ask(url)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"no answer from {url}")
