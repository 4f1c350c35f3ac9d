"""Counts kept by all worker processes of a machine together, for the admin and ``/metrics``.

Each process owns one file of named numbers in ``STATE_DIR/counters`` while it lives, and adds to it
in memory; a reader sums all files. A new process takes over the file of one that has ended, with
its counts, so that totals never fall and files never pile up. Gauges (such as entries held) count
for living processes only.
"""

import logging
import mmap
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from .files import map_file, share_memory
from .locks import FileLock, is_locked

RECORD_BYTES = 128
NAME_BYTES = RECORD_BYTES - 8
N_RECORDS = 2048
FILE_BYTES = RECORD_BYTES * N_RECORDS
MAX_PROCESSES = 1024
_CELLS_PER_RECORD = RECORD_BYTES // 8
_GAUGE = b"gauge|"

logger = logging.getLogger(__name__)
_lock = threading.RLock()


class Counter:
    """A number that only grows, such as ``Counter("cache_hits", tier="near")``.

    Make it once, at import; nothing is opened before its first use.
    """

    _prefix = b""

    def __init__(self, name: str, **labels: str) -> None:
        pairs = [f"{key}={value}" for key, value in sorted(labels.items())]
        self._record_name = self._prefix + "|".join([name, *pairs]).encode()
        if len(self._record_name) >= NAME_BYTES:
            raise ValueError(f"{self._record_name!r} is longer than {NAME_BYTES - 1} bytes")
        self._cells = memoryview(b"")
        self._index = 0

    def increment(self, amount: int = 1) -> None:
        """Add ``amount``; takes 0.1 microseconds."""
        try:
            self._cells[self._index] += amount
        except (IndexError, TypeError):
            self._bind()
            self._cells[self._index] += amount

    @property
    def value(self) -> int:
        """The count in this process's own file."""
        if not self._cells:
            self._bind()
        return self._cells[self._index]

    def _bind(self) -> None:
        with _lock:
            store = _get_store()
            self._index = store.find_or_add(self._record_name)
            self._cells = store.cells
            store.bound.append(self)


class Gauge(Counter):
    """A number that goes up and down and ends with its process."""

    _prefix = _GAUGE

    def set(self, number: int) -> None:
        """Replace the number."""
        if not self._cells:
            self._bind()
        self._cells[self._index] = number


class _Store:
    """This process's own file of numbers."""

    def __init__(self, directory: Path) -> None:
        self._lock, self._memory = _claim(directory)
        self.cells = memoryview(self._memory).cast("Q")
        self.bound: list[Counter] = []
        self._index_of = {name: index for index, name in _read_names(self._memory)}
        for name, index in self._index_of.items():
            if name.startswith(_GAUGE):
                self.cells[index] = 0

    def find_or_add(self, name: bytes) -> int:
        """Return the cell of ``name``.

        In a full file that is the last record, for all other names.
        """
        index = self._index_of.get(name)
        if index is None:
            record = min(len(self._index_of), N_RECORDS - 1)
            start = record * RECORD_BYTES
            self._memory[start : start + NAME_BYTES] = name.ljust(NAME_BYTES, b"\0")
            index = self._index_of[name] = _cell_of(record)
        return index

    def release(self) -> None:
        """Let another process take the file over."""
        for counter in self.bound:
            counter._cells = memoryview(b"")
        if self._lock is not None:
            self._lock.release()


_store: _Store | None = None


def read_totals() -> dict[str, int]:
    """Return every counter summed over this machine's processes, by ``name|label=value|...``."""
    totals: dict[str, int] = {}
    for path in sorted(_directory().glob("[0-9]*")):
        try:
            content = path.read_bytes()
            is_alive = is_locked(path)
        except OSError:
            continue
        numbers = memoryview(content[: len(content) // 8 * 8]).cast("Q")
        for index, name in _read_names(content):
            if is_alive or not name.startswith(_GAUGE):
                text = name.removeprefix(_GAUGE).decode(errors="replace")
                totals[text] = totals.get(text, 0) + numbers[index]
    return totals


def close() -> None:
    """Leave this process's file to others; the next count goes to a file in ``STATE_DIR``."""
    global _store
    with _lock:
        if _store is not None:
            _store.release()
            _store = None


def _get_store() -> _Store:
    global _store
    if _store is None:
        _store = _Store(_directory())
    return _store


def _directory() -> Path:
    return Path(settings.STATE_DIR) / "counters"


def _claim(directory: Path) -> tuple[FileLock | None, mmap.mmap]:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for number in range(MAX_PROCESSES):
            lock = FileLock(directory / str(number))
            if lock.try_acquire():
                return lock, map_file(directory / str(number), FILE_BYTES)
    except OSError as error:
        logger.warning("%s cannot be written (%s): counts stay in this process", directory, error)
    return None, share_memory(FILE_BYTES)


def _read_names(memory: mmap.mmap | bytes) -> Iterator[tuple[int, bytes]]:
    for record in range(min(N_RECORDS, len(memory) // RECORD_BYTES)):
        start = record * RECORD_BYTES
        name = bytes(memory[start : start + NAME_BYTES]).rstrip(b"\0")
        if not name:
            return
        yield _cell_of(record), name


def _cell_of(record: int) -> int:
    return record * _CELLS_PER_RECORD + _CELLS_PER_RECORD - 1


def _leave_parents_file_after_fork() -> None:
    global _lock
    _lock = threading.RLock()
    close()


os.register_at_fork(after_in_child=_leave_parents_file_after_fork)
