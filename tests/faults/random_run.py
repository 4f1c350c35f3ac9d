"""Random faults, one after another, while the writers write, mixed with operators' commands.

``RandomRun`` is a nemesis, and holds the measures that must not grow meanwhile.
"""

import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.core.management import get_commands
from django.db import connections

from tests.servers.pair import remove_sqlite
from tunetrace_site.replication.failures import DATABASE_ERRORS
from tunetrace_site.replication.models import Change

from . import nemeses
from .campaign import Campaign

Fault = Callable[["RandomRun", Campaign], None]


@dataclass(slots=True)
class RandomRun:
    """``n_faults`` of ``faults`` in a random order, each ``every_seconds`` after the last at least.

    Each of them comes once before any comes twice.
    """

    n_faults: int
    every_seconds: float
    outage_seconds: float
    seed: int
    faults: Sequence[Fault] = ()
    n_done: Counter[str] = field(default_factory=Counter)
    memory: list[dict[int, int]] = field(default_factory=list)
    n_log_entries: list[dict[str, int]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _generation: int = 0

    def __call__(self, campaign: Campaign) -> None:
        """Run as a nemesis."""
        chance = random.Random(self.seed)
        faults = self.faults or (FAULTS if campaign.server else FAULTS_OF_SQLITE_ALONE)
        waiting: list[Fault] = []
        for _ in range(self.n_faults):
            if not waiting:
                waiting = chance.sample(faults, len(faults))
            fault, began = waiting.pop(), time.monotonic()
            self._suffer(fault, campaign)
            self._sample(campaign)
            campaign.let_write(self.every_seconds - (time.monotonic() - began))

    def _suffer(self, fault: Callable[..., None], campaign: Campaign) -> None:
        self.n_done[fault.__name__] += 1
        try:
            with campaign.window(fault.__name__):
                fault(self, campaign)
        except RuntimeError as error:
            # A command of an operator may fail while the databases do; it must do no harm.
            self.failed.append(f"{fault.__name__}: {error}")

    def _sample(self, campaign: Campaign) -> None:
        self.memory.append(campaign.measure_memory())
        counts = {alias: _count_log(alias) for alias in campaign.aliases}
        self.n_log_entries.append({a: n for a, n in counts.items() if n is not None})

    def next_generation(self) -> int:
        self._generation += 1
        return self._generation


def _count_log(alias: str) -> int | None:
    """Return how many entries the log of ``alias`` has; None while its file is being rebuilt."""
    connections[alias].close()
    try:
        return Change.objects.using(alias).count()
    except DATABASE_ERRORS:
        return None


def postgres_killed(run: RandomRun, campaign: Campaign) -> None:
    campaign.server.kill()
    campaign.let_write(run.outage_seconds)
    campaign.server.start()


def postgres_frozen(run: RandomRun, campaign: Campaign) -> None:
    campaign.server.freeze()
    campaign.let_write(run.outage_seconds)
    campaign.server.thaw()


def connections_reset(run: RandomRun, campaign: Campaign) -> None:
    campaign.n_rounds = 1
    nemeses.connections_reset(campaign)


def sqlite_locked(run: RandomRun, campaign: Campaign) -> None:
    with nemeses.locked(campaign.sqlite_path):
        campaign.let_write(run.outage_seconds, n_operations=1)


def sqlite_deleted(run: RandomRun, campaign: Campaign) -> None:
    remove_sqlite(campaign.sqlite_path)
    campaign.let_write(run.outage_seconds)


def workers_killed(run: RandomRun, campaign: Campaign) -> None:
    generation = run.next_generation()
    for number in range(1, campaign.n_writers + 1):
        campaign.kill_writer(number)
        campaign.start_writer(number, generation)
    campaign.let_write(0)


def one_worker_killed(run: RandomRun, campaign: Campaign) -> None:
    campaign.kill_writer(1)
    campaign.start_writer(1, run.next_generation())
    campaign.let_write(0)


def both_down(run: RandomRun, campaign: Campaign) -> None:
    campaign.server.kill()
    campaign.let_write(run.outage_seconds / 2)
    with nemeses.locked(campaign.sqlite_path):
        campaign.let_write(run.outage_seconds / 2, n_operations=1)
        campaign.server.start()
        time.sleep(0.5)


def migrated_and_back(run: RandomRun, campaign: Campaign) -> None:
    nemeses.migrated(campaign)
    nemeses.migrated_back(campaign)


def postgres_killed_while_migrated(run: RandomRun, campaign: Campaign) -> None:
    failures: list[str] = []

    def migrate() -> None:
        try:
            campaign.run_command("init_db", settings=nemeses.NEXT_VERSION)
        except RuntimeError as error:
            failures.append(str(error))

    migration = threading.Thread(target=migrate)
    migration.start()
    time.sleep(1 + 4 * random.Random(run.seed + run.n_done.total()).random())
    postgres_killed(run, campaign)
    migration.join()
    nemeses.migrated_back(campaign)
    if failures:
        raise RuntimeError(failures[0])


def repaired(run: RandomRun, campaign: Campaign) -> None:
    campaign.run_command("reconcile", "--repair")


def sent_everything(run: RandomRun, campaign: Campaign) -> None:
    campaign.run_command("resync")


def backed_up(run: RandomRun, campaign: Campaign) -> None:
    """Take a backup by its command, into the folder of the journals."""
    campaign.run_command("backup", str(campaign.journal_dir / f"{run.n_done.total()}.backup"))


def vacuumed(run: RandomRun, campaign: Campaign) -> None:
    """Vacuum the file, as operators do with a large one; needs all of it for a moment."""
    connection = sqlite3.connect(campaign.sqlite_path, timeout=5)
    try:
        connection.execute("VACUUM")
    except sqlite3.OperationalError as error:
        raise RuntimeError(str(error)) from error
    finally:
        connection.close()


_WITH_BACKUP = [backed_up] if "backup" in get_commands() else []
FAULTS = [
    postgres_killed,
    postgres_frozen,
    connections_reset,
    sqlite_locked,
    sqlite_deleted,
    workers_killed,
    both_down,
    migrated_and_back,
    postgres_killed_while_migrated,
    repaired,
    sent_everything,
    vacuumed,
    *_WITH_BACKUP,
]
FAULTS_OF_SQLITE_ALONE = [
    sqlite_locked,
    workers_killed,
    one_worker_killed,
    migrated_and_back,
    vacuumed,
    *_WITH_BACKUP,
]
