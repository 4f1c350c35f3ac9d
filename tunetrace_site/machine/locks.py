"""Locks between the processes of one machine, each on a file that is never deleted.

The kernel frees a lock when the process that holds it ends, however it ends.
"""

import fcntl
import os
import weakref
from pathlib import Path
from typing import Self

_held: "weakref.WeakSet[FileLock]" = weakref.WeakSet()


class FileLock:
    """A lock on the file at ``path``, held by at most one holder among all processes and threads.

    Two objects of one path are two holders. A forked child holds none of its parent's locks. The
    file is made when missing; methods that lock raise ``OSError`` when it cannot be.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Wait until the lock is free, and take it."""
        self._lock(fcntl.LOCK_EX)

    def try_acquire(self) -> bool:
        """Take the lock if it is free now; return whether it was."""
        try:
            self._lock(fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Release the lock, if this object holds it."""
        if self._descriptor is not None:
            _held.discard(self)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()

    def _lock(self, operation: int) -> None:
        # Each holder opens the file itself: that keeps threads apart as well as processes.
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, operation)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        _held.add(self)


def is_locked(path: Path) -> bool:
    """Return whether the lock on the file at ``path`` is held; raise ``OSError`` without a file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


class NumberedLocks:
    """Many locks in one file, one for each number from 0 to 2^63, between processes.

    They do not lock between threads: to the kernel all threads of a process are one holder.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)

    def try_acquire(self, number: int) -> bool:
        """Take the lock of ``number`` if no other process holds it; return whether that worked.

        Raises ``OSError`` when the kernel has no room for more locks.
        """
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def release(self, number: int) -> None:
        """Release the lock of ``number``."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, number)

    def close(self) -> None:
        """Release all locks."""
        os.close(self._descriptor)


def _leave_parents_locks_after_fork() -> None:
    # Closed, not unlocked: the parent keeps its locks. A lock left open here would outlive it.
    for lock in list(_held):
        lock.release()


os.register_at_fork(after_in_child=_leave_parents_locks_after_fork)
