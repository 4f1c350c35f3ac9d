"""Processes that run a module, forked from one process that has loaded it.

Loading the site takes a second of processor time. ``Prepared`` starts a process that imports the
module once; each ``start`` forks it, and runs the module there as ``python -m`` does.
"""

import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_PATIENCE_SECONDS = 60.0


def is_alive(pid: int | str) -> bool:
    """Return whether a process runs: one that has ended and was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@dataclass(frozen=True, slots=True)
class Forked:
    """One of the processes. Its number is no other's until its ``Prepared`` is closed."""

    pid: int

    @property
    def is_alive(self) -> bool:
        return is_alive(self.pid)

    def kill(self) -> None:
        """SIGKILL; returns when it has ended."""
        os.kill(self.pid, signal.SIGKILL)
        ends_at = time.monotonic() + _PATIENCE_SECONDS
        while self.is_alive:
            if time.monotonic() > ends_at:
                raise TimeoutError(f"process {self.pid} did not end")
            time.sleep(0.002)


class Prepared:
    """A process of the code in ``folder`` that has loaded ``module`` in ``environment``.

    What it and its children write on standard error goes to ``errors``.
    """

    def __init__(
        self,
        module: str,
        folder: Path,
        environment: dict[str, str],
        errors: Path,
        patience_seconds: float = _PATIENCE_SECONDS,
    ) -> None:
        self._errors, self._patience_seconds = errors, patience_seconds
        self._started: list[Forked] = []
        with errors.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(Path(__file__)), module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                cwd=folder,
                env={**environment, "PYTHONPATH": str(folder)},
                text=True,
            )

    def start(self, *arguments: str) -> Forked:
        """Run the module with these arguments in a new process."""
        try:
            self._process.stdin.write(json.dumps(arguments) + "\n")
            self._process.stdin.flush()
            self._started.append(Forked(int(self._process.stdout.readline())))
            return self._started[-1]
        except (BrokenPipeError, ValueError) as error:
            raise RuntimeError(self._errors.read_text()) from error

    def close(self) -> None:
        """Wait for all processes; raise ``RuntimeError`` if one failed (killed it may be).

        Those that do not end by themselves are killed, and ``TimeoutExpired`` is raised.
        """
        self._process.stdin.close()
        try:
            failed = self._process.wait(self._patience_seconds) != 0
        except subprocess.TimeoutExpired:
            for process in self._started:
                if process.is_alive:
                    process.kill()
            self._process.wait(_PATIENCE_SECONDS)
            raise
        finally:
            self._process.stdout.close()
        if failed:
            raise RuntimeError(self._errors.read_text())


def _serve(module: str) -> None:
    """Fork for each line of standard input, and print the numbers of the processes."""
    parent = os.getppid()
    importlib.import_module(module)
    children = []
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _run(module, json.loads(line))
        children.append(pid)
        print(pid, flush=True)
    # Not before: the number of one that was waited for may be given to another process.
    codes = [_wait_for(pid, parent) for pid in children]
    sys.exit(any(code not in (0, -signal.SIGKILL) for code in codes))


def _wait_for(pid: int, parent: int) -> int:
    """Return the exit code of a child, which is killed where ``parent`` has ended."""
    while not (ended := os.waitpid(pid, os.WNOHANG))[0]:
        if os.getppid() != parent:
            # Nobody tells it any more to end. Asked again and again: the end of standard input is
            # seen a moment before the end of the parent.
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    return os.waitstatus_to_exitcode(ended[1])


def _run(module: str, arguments: list[str]) -> None:
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.argv = [module, *arguments]
    del sys.modules[module]  # it runs anew, as the main one
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit()


if __name__ == "__main__":
    _serve(sys.argv[1])
