"""Starts worker processes and talks to them."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
SCRIPT = Path(__file__).with_name("worker.py")


class Worker:
    """One process with a machine's STATE_DIR; ``redis_url`` may be shared by machines.

    ``extra`` are more variables.
    """

    def __init__(self, state_dir: Path, redis_url: str = "", **extra: str) -> None:
        environment = {**os.environ, "STATE_DIR": str(state_dir), "REDIS_URL": redis_url}
        # Busy is not broken: a test's machine may do nothing for longer than 50 ms.
        environment |= {"REDIS_TIMEOUT_SECONDS": "2"}
        environment |= {"PYTHONPATH": str(ROOT), "SECRET_KEY": "test"}
        environment |= {"SQLITE_DATABASE_URL": f"sqlite:///{state_dir}/unused.db"}
        environment |= extra
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )

    def send(self, *command: object) -> None:
        """Tell it what to do, without waiting."""
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def receive(self) -> object:
        """Its next answer."""
        return json.loads(self._process.stdout.readline())

    def ask(self, *command: object) -> object:
        self.send(*command)
        return self.receive()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)
