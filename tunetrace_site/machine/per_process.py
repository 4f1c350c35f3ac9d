"""What is done once in each process, however many threads ask for it."""

import os
import threading


class OncePerProcess:
    """Tells one caller in each process that it is the first; a fork makes a new process."""

    def __init__(self) -> None:
        self._claimed_by_pid = 0
        self._lock = threading.Lock()

    def claim(self) -> bool:
        """Return whether this is the first call in this process."""
        if self._claimed_by_pid == os.getpid():
            return False
        with self._lock:
            is_first = self._claimed_by_pid != os.getpid()
            self._claimed_by_pid = os.getpid()
        return is_first
