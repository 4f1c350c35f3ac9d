"""The parent process of the web server and of the consumer of background work.

``serve`` becomes this program. To use little memory it imports only the standard library and starts
no thread. It passes signals on, restarts a consumer that has died (later each time), and ends when
the server ends, with the server's status.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
HEALTHY_SECONDS = 30.0
"""A consumer that lived this long was healthy: should it die, it is restarted at once."""
CONSUMER_ENDS_SECONDS = 25.0
CONSUMER_NICENESS = 10
"""Background work gives way to requests."""
SERVER = (sys.executable, "-m", "gunicorn", "--config", "python:tunetrace_site.gunicorn")
CONSUMER = (sys.executable, str(Path(__file__).parent.parent / "manage.py"), "run_huey")
TO_BOTH = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
TO_SERVER = (signal.SIGHUP, signal.SIGUSR1, signal.SIGTTIN, signal.SIGTTOU)
_LOOK_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class Supervisor:
    """Runs one server and one consumer beside it, each given as the command that starts it."""

    def __init__(self, server: Sequence[str], consumer: Sequence[str]) -> None:
        self._server_command, self._consumer_command = server, consumer
        self._server: subprocess.Popen | None = None
        self._consumer: subprocess.Popen | None = None
        self._started_at = 0.0
        self._starts_at = 0.0
        self._pause = FIRST_PAUSE_SECONDS
        self._is_ending = False
        self._wants_fresh_consumer = False
        self._received: deque[int] = deque()

    def run(self) -> int:
        """Supervise until the server ends; return its exit status."""
        for number in (*TO_BOTH, *TO_SERVER):
            # Signals are passed on by the loop below: at this moment a child may be half started.
            signal.signal(number, lambda number, _frame: self._received.append(number))
        server = self._server = _start(self._server_command)
        # The server first: a visitor must not wait for background work.
        self._starts_at = time.monotonic() + FIRST_PAUSE_SECONDS
        while (status := server.poll()) is None:
            while self._received:
                self._pass_on(self._received.popleft())
            self._look_after_consumer()
            self._reap_others()
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(_LOOK_SECONDS)
        self._is_ending = True
        self._end_consumer()
        return status if status >= 0 else 128 - status

    def _reap_others(self) -> None:
        """Reap ended children of ``serve``, whose process this was before."""
        ours = {child.pid for child in (self._server, self._consumer) if child is not None}
        with contextlib.suppress(ChildProcessError):
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None and ended.si_pid not in ours:
                os.waitpid(ended.si_pid, 0)

    def _pass_on(self, number: int) -> None:
        if number in TO_BOTH:
            self._is_ending = True
            _signal(self._consumer, signal.SIGTERM)
        elif number == signal.SIGHUP:
            self._wants_fresh_consumer = True
            _signal(self._consumer, signal.SIGTERM)
        _signal(self._server, number)

    def _look_after_consumer(self) -> None:
        """Start a consumer when one is due; record when it has died."""
        if self._is_ending:
            return
        now = time.monotonic()
        if self._consumer is not None:
            if self._consumer.poll() is None:
                return
            self._plan_next(now, self._consumer.returncode)
            self._consumer = None
        if now >= self._starts_at:
            self._started_at = now
            self._consumer = _start(self._consumer_command, niceness=CONSUMER_NICENESS)

    def _plan_next(self, now: float, status: int) -> None:
        if self._wants_fresh_consumer:
            self._wants_fresh_consumer = False
            self._starts_at = now
            return
        if now - self._started_at > HEALTHY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        self._starts_at = now + self._pause
        sys.stderr.write(
            f"The consumer of background work ended (status {status}); "
            f"it is started again in {self._pause:.0f} s.\n"
        )
        sys.stderr.flush()
        self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)

    def _end_consumer(self) -> None:
        _signal(self._consumer, signal.SIGTERM)
        if self._consumer is None:
            return
        try:
            self._consumer.wait(CONSUMER_ENDS_SECONDS)
        except subprocess.TimeoutExpired:
            # What it did not finish stands in its row, and is done by the next one.
            self._consumer.kill()
            self._consumer.wait()


def _signal(child: subprocess.Popen | None, number: int) -> None:
    if child is not None:
        child.send_signal(number)  # does nothing once it has ended


def _start(command: Sequence[str], *, niceness: int = 0) -> subprocess.Popen:
    """Start a child in a process group of its own, so that Ctrl-C reaches it once, from here."""
    parent = os.getpid()

    def prepare() -> None:
        if niceness:
            os.nice(niceness)
        _end_with_parent(parent)

    return subprocess.Popen(command, process_group=0, preexec_fn=prepare)


def _end_with_parent(parent: int) -> None:
    """Have the system end this child when its parent is killed (Linux only)."""
    with contextlib.suppress(AttributeError):
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(Supervisor(SERVER, CONSUMER).run())
