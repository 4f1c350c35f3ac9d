"""Two machines that are cut from their PostgreSQL, while both change the same few rows."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from accounts.models import User
from music.models import Dismissal, UserLikedSong
from tests.factories import SongFactory
from tests.servers.forked import Prepared
from tests.servers.pair import Pair, installed
from tests.servers.proxy import Proxy, running_proxy
from tests.tunetrace_site.replication.rows import read_all
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.marks import is_behind, is_down
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.unit import run_unit

from .toggler import LISTENER, N_SONGS, song_of

_ROOT = Path(__file__).resolve().parents[2]
_HEAL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class TwoMachinesVerdict:
    """``lost`` and ``resurrected`` name rows that differ from the last acknowledged operation."""

    n_acknowledged: int
    lost: list[str]
    resurrected: list[str]
    n_differing: int
    outcomes: Counter[str]


@dataclass
class TwoMachines:
    """Two machines, each with a SQLite, a STATE_DIR, a proxy before PostgreSQL, and two workers."""

    pair: Pair
    directory: Path
    seconds: float
    proxies: dict[int, Proxy] = field(default_factory=dict)

    @contextmanager
    def machine(self, number: int) -> Iterator[None]:
        """Make this process one of machine ``number`` in the block."""
        settings.MACHINE_NUMBER, settings.SEVERAL_MACHINES = number, True
        try:
            with installed(self._sqlite(number), self._url(number), self._state_dir(number)):
                yield
        finally:
            settings.MACHINE_NUMBER, settings.SEVERAL_MACHINES = 1, False

    def run(self, cut: tuple[int, ...], cut_seconds: float) -> TwoMachinesVerdict:
        """Cut the machines ``cut`` from PostgreSQL for a while, heal, and check."""
        with ExitStack() as stack:
            for number in (1, 2):
                place = self.directory / f"net{number}"
                place.mkdir()
                proxy = running_proxy(self.pair.server.directory, place)
                self.proxies[number] = stack.enter_context(proxy)
                self.pair.templates.copy_sqlite(self._sqlite(number))
            self._prepare()
            machines = [self._load_workers(number) for number in (1, 2)]
            for number in (1, 2, 3, 4):
                self._start_worker(machines[number % 2], number)
            self._wait_for_first_entries()
            time.sleep(1)
            for number in cut:
                self.proxies[number].refuse()
            time.sleep(cut_seconds)
            for number in cut:
                self.proxies[number].resume()
            for machine in machines:
                machine.close()
            self._heal()
            return self._check()

    def _prepare(self) -> None:
        with self.machine(1):
            Relay().run_pass()
            run_unit(_add_songs)
        self._heal()

    def _heal(self) -> None:
        ends_at, n_quiet = time.monotonic() + _HEAL_SECONDS, 0
        while n_quiet < 2:
            if time.monotonic() > ends_at:
                raise TimeoutError("not healed")
            quiet = [self._relay_on(number) for number in (1, 2)]
            n_quiet = n_quiet + 1 if all(quiet) else 0

    def _relay_on(self, number: int) -> bool:
        with self.machine(number):
            report = Relay().run_pass()
            marked = any(is_down(alias) or is_behind(alias) for alias in (SQLITE, POSTGRES))
        return not marked and report.n_changed == 0 and not report.events

    def _check(self) -> TwoMachinesVerdict:
        entries = self._read_journals()
        possible: dict[str, set[object]] = {}
        for entry in entries:
            if entry["outcome"] == "ok":
                possible[entry["key"]] = {entry["value"]}
            elif entry["outcome"] != "not found":
                possible.setdefault(entry["key"], {None}).add(entry["value"])
        lost, resurrected, held = [], [], []
        for number in (1, 2):
            with self.machine(number):
                held += [read_all(SQLITE), read_all(POSTGRES)]
                now = _read_state()
            for key, values in possible.items():
                if now.get(key) not in values:
                    (lost if now.get(key) is None else resurrected).append(f"{number}: {key}")
        keys = set().union(*held)
        return TwoMachinesVerdict(
            n_acknowledged=sum(entry["outcome"] == "ok" for entry in entries),
            lost=lost,
            resurrected=resurrected,
            n_differing=sum(len({repr(rows.get(key)) for rows in held}) > 1 for key in keys),
            outcomes=Counter(entry["outcome"] for entry in entries),
        )

    def _read_journals(self) -> list[dict]:
        paths = self.directory.glob("*.jsonl")
        lines = [line for path in paths for line in path.read_text().splitlines()]
        return sorted(map(json.loads, lines), key=lambda entry: entry["at"])

    def _load_workers(self, machine: int) -> Prepared:
        kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "TMPDIR"}}
        environment = kept | {
            "SQLITE_DATABASE_URL": f"sqlite:///{self._sqlite(machine)}",
            "POSTGRES_DATABASE_URL": self._url(machine),
            "STATE_DIR": str(self._state_dir(machine)),
            "SEVERAL_MACHINES": "true",
            "MACHINE_NUMBER": str(machine),
            "LOG_LEVEL": "error",
        }
        errors = self.directory / f"machine{machine}.err"
        return Prepared("tests.faults.toggler", _ROOT, environment, errors)

    def _start_worker(self, machine: Prepared, number: int) -> None:
        locks = self.directory / "locks"
        locks.mkdir(exist_ok=True)
        journal = self.directory / f"{number}.jsonl"
        machine.start(str(number), str(self.seconds), str(journal), str(locks))

    def _wait_for_first_entries(self) -> None:
        deadline = time.monotonic() + 60
        while len([p for p in self.directory.glob("*.jsonl") if p.stat().st_size]) < 4:
            if time.monotonic() > deadline:
                raise TimeoutError("the workers did not start")
            time.sleep(0.05)

    def _sqlite(self, number: int) -> Path:
        return self.directory / f"machine{number}.db"

    def _state_dir(self, number: int) -> Path:
        return self.directory / f"state{number}"

    def _url(self, number: int) -> str:
        upstream, proxied = str(self.pair.server.directory), str(self.proxies[number].directory)
        return self.pair.url.replace(upstream.replace("/", "%2F"), proxied.replace("/", "%2F"))


def _add_songs() -> None:
    User.objects.create(user_id=LISTENER)
    for number in range(N_SONGS):
        song = song_of(number)
        SongFactory(artist="Some", title=song)
        SongFactory(artist="Some", title=f"other {song}")


def _read_state() -> dict[str, object]:
    likes = {f"like {like.song_name}": True for like in UserLikedSong.objects.all()}
    titles = Dismissal.objects.values_list("song__title", flat=True)
    return likes | {f"dismissal {title.removeprefix('other ')}": True for title in titles}
