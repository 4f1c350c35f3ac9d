"""A fault campaign: start writers, inject faults into the databases, heal, and check.

The databases are those of a ``Pair``; the writers are processes of their own with the site's real
settings.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.forked import Forked, Prepared
from tests.servers.pair import Pair
from tests.waiting import wait_until
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.marks import is_behind, is_down, is_in_service, last_heartbeat
from tunetrace_site.replication.relay import Relay

from .checker import Journal, Verdict, check, read_journals

_ROOT = Path(__file__).resolve().parents[2]
_HEAL_SECONDS = 60.0
_PATIENCE_SECONDS = 120.0
_AT_MOST_SECONDS = 3600.0


@dataclass(slots=True)
class Campaign:
    """One run: writers write until the faults are over, and ``n_after`` operations more each.

    Faults count what the writers do (``let_write``) beside seconds: on a busy machine a few seconds
    may pass without a single write. A writer pauses ``pause_seconds`` between two operations, more
    or less. ``writers_code`` may be a folder with another version of TuneTrace.
    """

    pair: Pair
    preference: str
    n_writers: int = 4
    n_rounds: int = 1
    outage_seconds: float = 2.0
    n_after: int = 10
    pause_seconds: float = 0.01
    seed: int = 0
    sabotage: str = ""
    writers_code: Path = _ROOT
    windows: list[tuple[float, float, str]] = field(default_factory=list)
    n_died: int = 0
    _prepared: Prepared | None = None
    _writers: dict[int, Forked] = field(default_factory=dict)
    _journals: dict[int, Path] = field(default_factory=dict)

    @property
    def server(self):
        return self.pair.server

    @property
    def aliases(self) -> tuple[str, ...]:
        """The configured databases: with SQLite alone, one."""
        return (SQLITE, POSTGRES) if self.pair.url else (SQLITE,)

    @property
    def database(self) -> str:
        return self.pair.name

    @property
    def sqlite_path(self) -> Path:
        return self.pair.sqlite_path

    @property
    def journal_dir(self) -> Path:
        # Beside the state directory, never on the disk that is made full.
        directory = self.pair.state_dir.parent / "journals"
        directory.mkdir(exist_ok=True)
        return directory

    def run(self, nemesis: Callable[["Campaign"], None]) -> Verdict:
        """Run writers and faults, heal everything, and return the checker's verdict."""
        self._prepared = Prepared(
            "tests.faults.writer",
            self.writers_code,
            self._environment(),
            self.journal_dir / "writers.err",
        )
        try:
            for number in range(1, self.n_writers + 1):
                self.start_writer(number)
            self.let_write(0)
            nemesis(self)
            self.let_write(0, self.n_after)
        finally:
            if self.server is not None:
                self.server.ensure_running()
            self._stop_writers()
        self.heal()
        return check(self.read_journal(), self.aliases)

    def relay_once(self) -> None:
        """Run the relay for the first contact of two new databases, before anybody writes."""
        Relay().run_pass()

    def read_journal(self) -> Journal:
        return read_journals(self.journal_dir.glob("*.jsonl"))

    def start_writer(self, number: int, generation: int = 0) -> None:
        """Start a writer with its own range of keys (``number`` and ``generation``)."""
        name = number + 100 * generation
        journal = self._journals[number] = self.journal_dir / f"{name}.jsonl"
        arguments = [str(name), str(_AT_MOST_SECONDS), str(journal)]
        if self.sabotage:
            arguments.append(self.sabotage)
        self._writers[number] = self._prepared.start(*arguments)

    def run_command(self, *arguments: str, settings: str = "tunetrace_site.settings") -> str:
        """Run ``manage.py`` in an environment like the writers'.

        Return its output, raise on failure.
        """
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=_ROOT,
            env=self._environment() | {"DJANGO_SETTINGS_MODULE": settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if result.returncode != 0:
            raise RuntimeError(f"{arguments}: {result.stdout}{result.stderr}")
        return result.stdout

    def kill_writer(self, number: int) -> None:
        self._writers[number].kill()

    def measure_memory(self) -> dict[int, int]:
        """Return the bytes of memory of each running writer, by its process id."""
        return {
            writer.pid: _resident_bytes(writer.pid)
            for writer in self._writers.values()
            if writer.is_alive
        }

    def replace_dead_writers(self, generation: int) -> None:
        for number, writer in self._writers.items():
            if not writer.is_alive:
                self.n_died += 1
                self.start_writer(number, generation)

    def let_write(self, seconds: float, n_operations: int = 2) -> None:
        """Let the writers write for ``seconds``, and until each has completed ``n_operations``.

        The first of them may have begun before. A writer that has died is not waited for. Raises
        ``TimeoutError`` when a writer gets nothing done.
        """
        ends_at = time.monotonic() + max(0.0, seconds)
        ends = {path: _size(path) for path in self._journals.values()}
        busy = list(self._writers)
        while busy or time.monotonic() < ends_at:
            if time.monotonic() > ends_at + _PATIENCE_SECONDS:
                raise TimeoutError(f"writers {busy} did not write")
            time.sleep(0.02)
            busy = [
                number
                for number in busy
                if self._writers[number].is_alive
                and _count_operations(journal := self._journals[number], ends[journal])
                < n_operations
            ]

    def let_relay(self) -> None:
        """Wait until a relay of the writers has run a whole pass that began after this call."""
        now = time.time()
        wait_until(lambda: last_heartbeat() > now, _PATIENCE_SECONDS)
        began = last_heartbeat()
        wait_until(lambda: last_heartbeat() > began, _PATIENCE_SECONDS)

    def wait_until_in_service(self) -> None:
        """Wait until no database is marked any more."""
        wait_until(lambda: all(map(is_in_service, self.aliases)), _PATIENCE_SECONDS)

    @contextmanager
    def window(self, name: str) -> Iterator[None]:
        """Record when a fault begins and ends, for the figures."""
        began = time.time()
        yield
        self.windows.append((began, time.time(), name))

    def heal(self) -> float:
        """Relay until both databases are in service; return the seconds it took."""
        began = time.monotonic()
        if POSTGRES not in self.aliases:
            return 0.0
        relay = Relay()
        while time.monotonic() - began < _HEAL_SECONDS:
            report = relay.run_pass()
            marked = any(is_down(alias) or is_behind(alias) for alias in (SQLITE, POSTGRES))
            if not marked and report.n_changed == 0 and not report.events:
                return time.monotonic() - began
            time.sleep(0.1)
        raise TimeoutError(f"not healed: {report.events}")

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "TMPDIR"}}
        variables = kept | {
            "SQLITE_DATABASE_URL": f"sqlite:///{self.pair.sqlite_path}",
            "STATE_DIR": str(self.pair.state_dir),
            "DB_READ_PREFERENCE": self.preference,
            "LOG_LEVEL": "warning",
            "WRITER_PAUSE_SECONDS": str(self.pause_seconds),
        }
        return variables | ({"POSTGRES_DATABASE_URL": self.pair.url} if self.pair.url else {})

    def _stop_writers(self) -> None:
        (self.journal_dir / "stop").touch()
        self._prepared.close()


def _size(journal: Path) -> int:
    return journal.stat().st_size if journal.exists() else 0


def _count_operations(journal: Path, after: int) -> int:
    """Return how many operations have ended since the journal had the size ``after``."""
    if not journal.exists():
        return 0
    with journal.open("rb") as file:
        file.seek(after)
        return file.read().count(b'"kind": "return"')


def _resident_bytes(pid: int) -> int:
    n_pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return n_pages * os.sysconf("SC_PAGE_SIZE")
