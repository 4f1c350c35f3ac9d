"""Tier 1 without Redis: answers computed on this machine, for all its processes.

A file of fixed slots, one entry each, found by the digest of the key: its size is bounded and it
needs no cleaning up. It is read and written with ``pread`` and ``pwrite``; an entry carries a
checksum, so that a half written one is ignored. Leases are byte-range locks, which the kernel frees
when their process ends.
"""

import logging
import os
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunetrace_site.machine.locks import NumberedLocks

from . import encoding
from .generations import Generations
from .keys import CacheKey
from .shared import NOWHERE, LeaseUnavailable, Look, Shared
from .tiers import TierStats, vary

N_SLOTS = 1024
SLOT_BYTES = 64 * 1024
_HEADER_BYTES = 8

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MachineLease:
    """The right to compute one key, until released or until this process ends."""

    locks: NumberedLocks
    number: int

    def release(self) -> None:
        self.locks.release(self.number)


class MachineTier:
    """Entries in ``directory/answers``, at most 1,024 of at most 64 KiB."""

    name = "machine"
    title = "Suggestion lists shared on this machine"
    max_entries = N_SLOTS
    is_per_process = False

    def __init__(self, generations: Generations) -> None:
        self.stats = TierStats(self.name)
        self._generations = generations
        self._answers: int | None = None
        self._leases: NumberedLocks | None = None

    def open(self, directory: Path) -> None:
        """Use the files of ``directory``, closing those used before."""
        if self._answers is not None:
            os.close(self._answers)
        if self._leases is not None:
            self._leases.close()
        self._answers = self._leases = None
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._answers = _open(directory / "answers")
            self._leases = NumberedLocks(directory / "leases")
        except OSError as error:
            logger.warning("%s cannot be opened: %s", directory, error)

    def look(self, key: CacheKey) -> Look:
        """Return the value of ``key``, unless it has expired or one of its scopes changed."""
        if self._answers is None:
            return NOWHERE
        generation = self._generations.read(self._generations.find_slots(key.scopes))
        found = self._read(self._answers, key, generation)
        if found is None:
            self.stats.misses.increment()
        else:
            (self.stats.hits if found.fresh_seconds > 0 else self.stats.stale).increment()
        return Look(found, None)

    def store(
        self,
        key: CacheKey,
        value: Any,
        *,
        fresh_seconds: float,
        stale_seconds: float,
        generation: tuple[int, ...],
    ) -> bool:
        """Store ``value``, if it fits into a slot and the disk has room.

        ``generation`` are the numbers of the key's scopes on this machine before it was computed.
        """
        if self._answers is None:
            return False
        entry = {
            **encoding.encode(value),
            "key": key,
            "fresh_until": time.time() + vary(fresh_seconds),
            "stale_seconds": stale_seconds,
            "generation": generation,
        }
        text = encoding.dump(entry)
        if len(text) + _HEADER_BYTES > SLOT_BYTES:
            return False
        header = len(text).to_bytes(4, "big") + zlib.crc32(text).to_bytes(4, "big")
        try:
            start = _find_slot(key) * SLOT_BYTES
            # Overwrite the rest of a longer entry that was there before.
            entry_bytes = (header + text).ljust(_measure_entry(self._answers, start), b"\0")
            os.pwrite(self._answers, entry_bytes, start)
        except OSError:
            self.stats.errors.increment()
            return False
        return True

    def try_lease(self, key: CacheKey) -> MachineLease | None:
        """Return the right to compute ``key``, or None when another process has it.

        Raises ``LeaseUnavailable`` when ``STATE_DIR`` cannot be written.
        """
        if self._leases is None:
            raise LeaseUnavailable
        number = zlib.crc32(key.encode())
        try:
            is_mine = self._leases.try_acquire(number)
        except OSError:
            self.stats.errors.increment()
            raise LeaseUnavailable from None
        return MachineLease(self._leases, number) if is_mine else None

    def clear(self) -> None:
        """Delete every entry, for all processes."""
        if self._answers is not None:
            os.ftruncate(self._answers, 0)

    def erase(self, is_to_go: Callable[[CacheKey, float], bool]) -> int:
        """Overwrite the entries for which ``is_to_go`` is true; return how many.

        It gets the key and the POSIX time when the entry ends. Unreadable entries are overwritten
        too.
        """
        if self._answers is None:
            return 0
        n_erased = 0
        for slot in range(os.fstat(self._answers).st_size // SLOT_BYTES + 1):
            n_bytes = _measure_entry(self._answers, slot * SLOT_BYTES)
            found = n_bytes and os.pread(self._answers, n_bytes, slot * SLOT_BYTES)
            if found and _is_to_go(found, is_to_go):
                os.pwrite(self._answers, bytes(len(found)), slot * SLOT_BYTES)
                n_erased += 1
        return n_erased

    def describe_state(self) -> str:
        return "on" if self._answers is not None else "off"

    def measure(self) -> tuple[int | None, int | None]:
        """Return the slots in use, and the bytes that the file takes on disk."""
        if self._answers is None:
            return None, None
        used = sum(
            os.pread(self._answers, 4, slot * SLOT_BYTES) not in (b"", bytes(4))
            for slot in range(N_SLOTS)
        )
        return used, os.fstat(self._answers).st_blocks * 512

    def _read(self, answers: int, key: CacheKey, generation: tuple[int, ...]) -> Shared | None:
        try:
            start = _find_slot(key) * SLOT_BYTES
            slot = os.pread(answers, _measure_entry(answers, start), start)
            text = slot[_HEADER_BYTES : _HEADER_BYTES + int.from_bytes(slot[:4], "big")]
            # Most often it is another key's: then it is not worth decoding.
            if key.encode() not in text or zlib.crc32(text) != int.from_bytes(slot[4:8], "big"):
                return None
            entry = encoding.load(text)
            fresh_seconds = entry["fresh_until"] - time.time()
            stale_seconds = entry["stale_seconds"] + min(0.0, fresh_seconds)
            is_mine = entry["key"] == key and entry["generation"] == list(generation)
            if not is_mine or fresh_seconds + stale_seconds <= 0:
                return None
            return Shared(encoding.decode(entry), fresh_seconds, stale_seconds)
        except (OSError, ValueError, TypeError, KeyError):
            self.stats.errors.increment()
            return None


def _measure_entry(answers: int, start: int) -> int:
    """Return the bytes of the entry in the slot that begins at ``start``, with its header; 0 where
    there is none.
    """
    n_bytes = int.from_bytes(os.pread(answers, 4, start), "big")
    return n_bytes and min(n_bytes + _HEADER_BYTES, SLOT_BYTES)


def _is_to_go(slot: bytes, is_to_go: Callable[[CacheKey, float], bool]) -> bool:
    try:
        entry = encoding.load(slot[_HEADER_BYTES : _HEADER_BYTES + int.from_bytes(slot[:4], "big")])
        return is_to_go(entry["key"], entry["fresh_until"] + entry["stale_seconds"])
    except (ValueError, TypeError, KeyError):
        return True


def _find_slot(key: CacheKey) -> int:
    return zlib.crc32(key.encode()) % N_SLOTS


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
