"""Faults injected into the databases while the writers write."""

import os
import random
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from tests.servers.pair import remove_sqlite
from tunetrace_site.replication.databases import POSTGRES, SQLITE

from .campaign import Campaign
from .next_version.music_migrations import LAST_OF_THIS_VERSION
from .sabotage import move_clock

NEXT_VERSION = "tests.faults.next_version.settings"

Nemesis = Callable[[Campaign], None]


def postgres_killed(campaign: Campaign) -> None:
    """Kill -9, some seconds without the server, restart."""
    for _ in range(campaign.n_rounds):
        campaign.let_write(1)
        with campaign.window("PostgreSQL killed"):
            campaign.server.kill()
            campaign.let_write(campaign.outage_seconds)
            campaign.server.start()
        campaign.wait_until_in_service()
        campaign.let_write(1)


def postgres_flapping(campaign: Campaign) -> None:
    """Ten kills in a row."""
    chance = random.Random(1)
    with campaign.window("PostgreSQL killed ten times"):
        for _ in range(10):
            campaign.server.kill()
            time.sleep(chance.random() * 0.5)
            campaign.server.start()
            campaign.let_write(0.5 + chance.random())


def postgres_frozen(campaign: Campaign) -> None:
    """SIGSTOP: connections stay, but there are no answers."""
    for _ in range(campaign.n_rounds):
        campaign.let_write(1)
        with campaign.window("PostgreSQL frozen"):
            campaign.server.freeze()
            campaign.let_write(campaign.outage_seconds)
            campaign.server.thaw()
        campaign.let_write(1.5)


def connections_reset(campaign: Campaign) -> None:
    """Cut every connection to PostgreSQL, again and again, while the server is healthy."""
    with campaign.window("connections reset"):
        for _ in range(10 * campaign.n_rounds):
            campaign.let_write(0.2)
            _terminate_backends(campaign, "pg_terminate_backend")


def statements_cancelled(campaign: Campaign) -> None:
    """End running statements with SQLSTATE 57014, as at a statement time-out."""
    with campaign.window("statements cancelled"):
        for _ in range(20 * campaign.n_rounds):
            campaign.let_write(0.1)
            _terminate_backends(campaign, "pg_cancel_backend")


def _terminate_backends(campaign: Campaign, function: str) -> None:
    campaign.server.execute(
        f"SELECT {function}(pid) FROM pg_stat_activity"
        f" WHERE datname = '{campaign.database}' AND pid <> pg_backend_pid()"
    )


def sqlite_locked(campaign: Campaign) -> None:
    """Hold SQLite's write lock from another program."""
    for _ in range(campaign.n_rounds):
        campaign.let_write(1)
        with campaign.window("SQLite locked"), locked(campaign.sqlite_path):
            campaign.let_write(campaign.outage_seconds)
        campaign.let_write(1)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    # Writers come first while others want the turn: on a busy machine this takes long.
    connection = sqlite3.connect(path, isolation_level=None, timeout=60)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.close()


def sqlite_deleted(campaign: Campaign) -> None:
    """Delete the file under the processes that have it open."""
    for _ in range(campaign.n_rounds):
        campaign.let_write(1)
        with campaign.window("SQLite deleted"):
            remove_sqlite(campaign.sqlite_path)
            campaign.let_write(campaign.outage_seconds)
        campaign.let_write(1.5)


def sqlite_corrupted(campaign: Campaign) -> None:
    """Overwrite half of the file under the processes that have it open."""
    for _ in range(campaign.n_rounds):
        campaign.let_write(1)
        with campaign.window("SQLite corrupted"):
            with campaign.sqlite_path.open("r+b") as file:
                file.seek(4096)
                file.write(b"garbage!" * (campaign.sqlite_path.stat().st_size // 16))
            campaign.let_write(campaign.outage_seconds)
        campaign.let_write(1.5)


def clocks_jump(campaign: Campaign) -> None:
    """Move clocks an hour forward and back, one alone and both, with a kill after each jump.

    Needs the part ``moving_clocks`` (``sabotage.py``): a test cannot change the machine's clock.
    """
    for sqlite_hours, postgres_hours in [(0, 1), (0, -1), (1, 0), (-1, -1), (0, 0)]:
        with campaign.window("clock jumped"):
            move_clock(SQLITE, sqlite_hours)
            move_clock(POSTGRES, postgres_hours)
            campaign.let_write(1.2)  # a relay has seen it: the limit that docs/databases.md names
            campaign.server.kill()
            campaign.let_write(campaign.outage_seconds / 2)
            campaign.server.start()
            campaign.let_write(1)


def sqlite_disk_full(campaign: Campaign) -> None:
    """Fill the file system of the SQLite file (needs a small one that is mounted)."""
    filler = campaign.sqlite_path.with_name("filler")
    for _ in range(campaign.n_rounds):
        campaign.let_write(1)
        with campaign.window("SQLite's disk full"):
            _fill(filler)
            campaign.let_write(campaign.outage_seconds)
            filler.unlink()
        campaign.let_write(1.5)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (65_536, 4096, 512):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def both_down(campaign: Campaign) -> None:
    """Kill PostgreSQL, and lock SQLite meanwhile: writes must be refused, not lost."""
    for _ in range(campaign.n_rounds):
        campaign.let_write(1)
        with campaign.window("both down"):
            campaign.server.kill()
            campaign.let_write(campaign.outage_seconds / 2)
            with locked(campaign.sqlite_path):
                # Each waits a second or longer to be refused.
                campaign.let_write(campaign.outage_seconds / 2, n_operations=1)
                campaign.server.start()
                time.sleep(0.5)
        campaign.let_write(2)


def workers_killed(campaign: Campaign) -> None:
    """Kill -9 every writer, wherever it is, and start new ones."""
    for round_number in range(1, campaign.n_rounds + 2):
        campaign.let_write(1.5)
        with campaign.window("workers killed"):
            for number in range(1, campaign.n_writers + 1):
                campaign.kill_writer(number)
                campaign.start_writer(number, generation=round_number)


def workers_die_after_commit(campaign: Campaign) -> None:
    """Replace six writers that die before write-through (the part ``dies_after_commit``)."""
    generation = 0
    with campaign.window("workers die"):
        while campaign.n_died < 6 * campaign.n_rounds:
            generation += 1
            campaign.replace_dead_writers(generation)
            campaign.let_write(0)


def migrated(campaign: Campaign) -> None:
    """Run the next version's ``init_db``, while processes of this one go on writing."""
    campaign.let_write(1)
    with campaign.window("migrated"):
        campaign.run_command("init_db", settings=NEXT_VERSION)
    campaign.let_write(1)


def migrated_back(campaign: Campaign) -> None:
    """Migrate back to the schema of this version, by the plain ``migrate`` of the next one."""
    _migrate_back(campaign, *campaign.aliases)


def put_back(campaign: Campaign) -> None:
    """Leave PostgreSQL, which the next test gets as well, with the schema of this version."""
    for alias in (SQLITE, POSTGRES):
        connections[alias].close()
    if MigrationRecorder.Migration.objects.using(POSTGRES).filter(name__gte="9").exists():
        _migrate_back(campaign, POSTGRES)


def _migrate_back(campaign: Campaign, *aliases: str) -> None:
    campaign.run_command("migrate_back", LAST_OF_THIS_VERSION, *aliases, settings=NEXT_VERSION)


def slow_commits(campaign: Campaign) -> None:
    """Keep other transactions open for a while, so that they commit out of order."""
    stop = threading.Event()
    threads = [threading.Thread(target=_commit_late, args=[campaign, stop, n]) for n in range(3)]
    with campaign.window("commits out of order"):
        for thread in threads:
            thread.start()
        try:
            for number in range(2 * campaign.n_rounds):
                _commit_overtaken(campaign, number)
        finally:
            stop.set()
        for thread in threads:
            thread.join()


def _commit_overtaken(campaign: Campaign, number: int) -> None:
    """Hold a transaction open while later ones commit and a relay reads them."""
    with closing(campaign.server.connect(campaign.database)) as connection:
        name = f"overtaken {number}"
        connection.cursor().execute("INSERT INTO auth_group (name) VALUES (%s)", [name])
        campaign.let_write(0.5)
        campaign.let_relay()
        connection.commit()


def _commit_late(campaign: Campaign, stop: threading.Event, number: int) -> None:
    chance, n = random.Random(number), 0
    with closing(campaign.server.connect(campaign.database)) as connection:
        cursor = connection.cursor()
        while not stop.is_set():
            n += 1
            cursor.execute("INSERT INTO auth_group (name) VALUES (%s)", [f"late {number} {n}"])
            time.sleep(chance.random() * 0.02)
            connection.commit()


@contextmanager
def small_disk(directory: Path) -> Iterator[Path]:
    """Mount a file system of 24 MB on ``directory``; raise ``PermissionError`` without root."""
    directory.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        raise PermissionError("mounting a small file system needs root")
    command = [mount, "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(directory)]
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    if result.returncode != 0:
        raise PermissionError(result.stderr)
    try:
        yield directory
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=False)
