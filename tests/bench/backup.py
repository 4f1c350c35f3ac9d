"""A backup of many likes while the site serves, and restores: seconds, memory, time of requests.

Run: ``.venv/bin/python tests/bench/backup.py [N_LIKES]`` (1,000,000 by default, which takes 2 GB of
disk and some minutes). Site, clients, PostgreSQL and commands share this machine's processors.
"""

import http.client
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from pathlib import Path
from urllib.parse import urlsplit

import replication_pair
from django.db import connections
from django.utils import timezone

from accounts.models import AccessToken, User
from music.models import UserLikedSong
from tests.servers.pair import Pair
from tests.servers.site import ROOT, running_site
from tunetrace_site.replication.backup.archive import ArchiveWriter
from tunetrace_site.replication.backup.rows import encode_row
from tunetrace_site.replication.backup.snapshot import describe_database, saved_tables
from tunetrace_site.replication.databases import SQLITE
from tunetrace_site.replication.keys import derive_row_key
from tunetrace_site.replication.unit import run_unit

LIKES_A_LISTENER = 50
N_CLIENTS = 2
PAUSE_SECONDS = 0.02
BASELINE_SECONDS = 20.0


def make_rows(n_likes: int) -> dict[str, list[tuple]]:
    """Yield listeners and their likes as fields of their tables, in the order of their keys."""
    now = timezone.now()
    names = {derive_row_key(User, f"listener{n}"): n for n in range(n_likes // LIKES_A_LISTENER)}
    users = [User(id=pk, user_id=f"listener{names[pk]}") for pk in sorted(names)]
    columns = [field.attname for field in UserLikedSong._meta.fields]
    like = {"learn": True, "created_at": now}
    likes = []
    for like["user_id"], listener in names.items():
        for n in range(LIKES_A_LISTENER):
            like["song_name"] = f"the artist {listener} of {n} - a title with words"
            like["id"] = derive_row_key(UserLikedSong, like["user_id"], like["song_name"])
            likes.append(tuple(map(like.get, columns)))
    rows = {"accounts_user": [tuple(getattr(u, f.attname) for f in u._meta.fields) for u in users]}
    return rows | {"music_userlikedsong": sorted(likes, key=itemgetter(columns.index("id")))}


def batched(rows: list[tuple]) -> Iterator[list[bytes]]:
    lines = map(encode_row, rows)
    while page := list(islice(lines, 2000)):
        yield page


def write_backup(path: Path, n_likes: int) -> None:
    """Write a made-up backup to begin with, instead of taking one."""
    rows = make_rows(n_likes)
    with path.open("wb") as file:
        archive = ArchiveWriter(file, describe_database(SQLITE))
        for table in saved_tables().values():
            pages = batched(rows.get(table.name, []))
            archive.write_table(table.name, table.columns, pages)
        archive.finish()


def manage(environment: dict[str, str], *arguments: str) -> tuple[float, int]:
    """Run a command; return its seconds and its peak memory in bytes."""
    command = ["nice", sys.executable, "manage.py", *arguments]
    began, n_bytes = time.monotonic(), 0
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        # Not from wait4(): that counts the memory of this process, which the child began with.
        status = Path(f"/proc/{process.pid}/status").read_text()
        if peak := re.search(r"VmHWM:\s+(\d+) kB", status):
            n_bytes = max(n_bytes, int(peak[1]) * 1024)
        time.sleep(0.1)
    if process.returncode:
        raise RuntimeError(f"{arguments} failed")
    return time.monotonic() - began, n_bytes


class Clients:
    """Listeners who like a song and load their list, over and over, with a short pause."""

    def __init__(self, url: str, secrets: list[str]) -> None:
        self._address = urlsplit(url).netloc
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=[secret]) for secret in secrets]
        self.seconds: list[float] = []
        self.statuses: Counter[int] = Counter()

    @contextmanager
    def at_work(self) -> Iterator["Clients"]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def start_counting(self) -> None:
        self.seconds, self.statuses = [], Counter()

    def _run(self, secret: str) -> None:
        connection, n = http.client.HTTPConnection(self._address, timeout=60), 0
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        while not self._stop.is_set():
            n += 1
            song = json.dumps({"song_name": f"song {n} of {secret[-6:]}"})
            for method, body in (("POST", song), ("GET", None)):
                began = time.monotonic()
                connection.request(method, "/api/v1/liked-songs?limit=20", body, headers)
                answer = connection.getresponse()
                answer.read()
                self.seconds.append(time.monotonic() - began)
                self.statuses[answer.status] += 1
            time.sleep(PAUSE_SECONDS)

    def report(self, what: str) -> None:
        taken = sorted(self.seconds)
        p99 = taken[int(len(taken) * 0.99)]
        print(
            f"  requests {what}: {len(taken)}, median {statistics.median(taken) * 1000:.1f} ms,"
            f" p99 {p99 * 1000:.1f} ms, worst {taken[-1] * 1000:.0f} ms, {dict(self.statuses)}",
            flush=True,
        )


def make_tokens() -> list[str]:
    def issue() -> list[str]:
        secrets = []
        for listener in User.objects.order_by("pk")[:N_CLIENTS]:
            token, secret = AccessToken.issue(user=listener, name="bench")
            token.save()
            secrets.append(secret)
        return secrets

    return run_unit(issue)


def show(work: str, result: tuple[float, int], file: Path) -> None:
    seconds, n_bytes = result
    print(
        f"{work}: {seconds:.1f} s, {n_bytes / 1e6:.0f} MB of memory,"
        f" file {file.stat().st_size / 1e6:.0f} MB",
        flush=True,
    )


def run(pair: Pair, folder: Path, n_likes: int) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DEBUG": "true",
        "STATE_DIR": str(pair.state_dir),
        "SQLITE_DATABASE_URL": f"sqlite:///{pair.sqlite_path}",
        "POSTGRES_DATABASE_URL": pair.url,
        "INDEX_AUTO_BUILD": "false",
    }
    made, taken = folder / "made.backup", folder / "taken.backup"
    write_backup(made, n_likes)
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    # Nobody was deleted: the databases are empty, and only seem to be those of the backup.
    restored = manage(environment, "restore", str(made), "--deleted-accounts=back")
    show(f"restore of {n_likes:,} likes into two empty databases", restored, made)
    secrets = make_tokens()
    connections.close_all()
    with (
        running_site(folder, **environment) as site,
        Clients(site.url, secrets).at_work() as clients,
    ):
        time.sleep(3)
        clients.start_counting()
        time.sleep(BASELINE_SECONDS)
        clients.report("before")
        clients.start_counting()
        show("backup while serving", manage(environment, "backup", str(taken)), taken)
        clients.report("meanwhile")
        clients.start_counting()
        restored = manage(environment, "restore", str(taken))
        show("restore of it while serving", restored, taken)
        clients.report("meanwhile")
    print(f"load after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    with (
        replication_pair.durable_pair() as pair,
        tempfile.TemporaryDirectory(prefix="tt-backup-") as directory,
    ):
        run(pair, Path(directory), int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
