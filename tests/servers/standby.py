"""A PostgreSQL server with a streaming standby that can be promoted while it lags.

Also transactions that somebody forgot to end.
"""

import copy
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .postgres import PostgresServer, _give_to_server_user

_SOCKET = ".s.PGSQL.5432"


class ReplicatedServer(PostgresServer):
    """A server that streams its write-ahead log to standbys, and can be replaced by one of them."""

    def create(self) -> None:
        """Make the cluster (about a second)."""
        super().create()
        with (self.data / "postgresql.conf").open("a") as config:
            config.write("wal_level = replica\nmax_wal_senders = 4\nwal_writer_delay = 10s\n")

    def make_standby(self) -> "Standby":
        """Return a running standby that has everything (about two seconds)."""
        directory = Path(tempfile.mkdtemp(prefix="standby-", dir=self.directory))
        directory.chmod(0o755)
        _give_to_server_user(directory)
        standby = Standby(self, directory)
        self._run(
            "pg_basebackup", "-D", standby.data, "-h", self.directory, "-U", "postgres",
            "-R", "-c", "fast", "-X", "stream",
        )  # fmt: skip
        with (standby.data / "postgresql.auto.conf").open("a") as config:
            config.write(f"unix_socket_directories = '{directory}'\n")
        standby.start()
        standby.wait_until_level()
        return standby

    def fail_over_to(self, standby: "Standby") -> None:
        """Kill -9 the server; promote the standby, which answers at this address from now on."""
        self.kill()
        standby.promote()
        self.answer_by(standby)

    def answer_by(self, standby: "Standby") -> None:
        """Let new connections to this server's address reach the standby."""
        socket = self.directory / _SOCKET
        socket.unlink(missing_ok=True)
        socket.symlink_to(standby.directory / _SOCKET)
        self.data = standby.data


class Standby(PostgresServer):
    """A streaming standby of a server, in a directory of its own."""

    def __init__(self, primary: ReplicatedServer, directory: Path) -> None:
        self.__dict__.update(copy.copy(primary.__dict__))
        self._primary = primary
        self.directory = directory
        self.data = directory / "data"

    def wait_until_level(self) -> None:
        """Wait until everything written to the primary is here."""
        end = self._primary.execute("SELECT pg_current_wal_insert_lsn()::text")[0][0]
        self._primary.execute("CHECKPOINT")
        self._wait(f"SELECT pg_last_wal_replay_lsn() >= '{end}'")

    def stop_receiving(self) -> None:
        """Disconnect it from the primary: from now on it lags."""
        self.execute("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
        self._wait("SELECT count(*) = 0 FROM pg_stat_wal_receiver")

    def promote(self) -> None:
        """Make it a server that accepts writes."""
        self._run("pg_ctl", "-D", self.data, "-w", "promote")

    def _wait(self, condition: str) -> None:
        deadline = time.monotonic() + 20
        while not self.execute(condition)[0][0]:
            if time.monotonic() > deadline:
                raise TimeoutError(condition)
            time.sleep(0.02)


@contextmanager
def open_transaction(server: PostgresServer, database: str) -> Iterator[None]:
    """Hold a transaction that has written in ``database`` and is not ended in the block."""
    command = [server._binaries / "psql", "-h", server.directory, "-U", "postgres", "-d", database]
    with subprocess.Popen(
        list(map(str, [*command, "-q", "-t"])),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    ) as psql:  # fmt: skip
        psql.stdin.write("BEGIN; CREATE TABLE forgotten (id int); SELECT 'open';\n")
        psql.stdout.readline()
        try:
            yield
        finally:
            psql.kill()
