"""Announces changes to every process of a machine, in under a microsecond.

A file of 65,536 numbers is mapped into the memory of every process. A change gives the slots of its
scopes new random numbers; a reader compares the numbers it read before loading a value with those
of now. Two scopes that share a slot cost a needless reload, never a wrong answer. Random numbers,
unlike counters, need no lock between processes: none ever comes back.
"""

import logging
import mmap
import random
import zlib
from collections.abc import Iterable
from pathlib import Path

from tunetrace_site.machine.files import map_file, share_memory

N_SLOTS = 65_536
SLOT_BYTES = 8
FILE_BYTES = (N_SLOTS + 1) * SLOT_BYTES
"""The size of the file; its last number identifies the machine."""

logger = logging.getLogger(__name__)
_random = random.SystemRandom()


class Generations:
    """The shared numbers, or private ones while no file is open."""

    def __init__(self) -> None:
        self._use(share_memory(FILE_BYTES), is_shared=False)

    def open(self, directory: Path) -> None:
        """Use the numbers in ``directory/generations``; private ones if it cannot be written."""
        try:
            self._use(map_file(directory / "generations", FILE_BYTES), is_shared=True)
        except OSError as error:
            logger.warning("%s cannot be shared (%s): likes are not cached", directory, error)
            self._use(share_memory(FILE_BYTES), is_shared=False)

    @staticmethod
    def find_slots(scopes: Iterable[str]) -> tuple[int, ...]:
        """Return the slots of ``scopes``, the same in every process (``hash`` would not be)."""
        return tuple(
            zlib.crc32(scope.encode("utf-8", "surrogatepass")) % N_SLOTS for scope in scopes
        )

    def read(self, slots: tuple[int, ...]) -> tuple[int, ...]:
        """Return the numbers of ``slots``: read before loading, and compared before serving."""
        cells = self._cells
        return tuple([cells[slot] for slot in slots])

    def change(self, scope: str) -> None:
        """Invalidate everything cached under ``scope`` in all processes, at once."""
        (slot,) = self.find_slots([scope])
        self._cells[slot] = _random.getrandbits(64)

    def _use(self, memory: mmap.mmap, is_shared: bool) -> None:
        self._memory = memory
        self._cells = memoryview(memory).cast("Q")
        self.is_shared = is_shared

    @property
    def machine_id(self) -> int:
        """Return a random number that the processes which share this file have in common."""
        if not self._cells[N_SLOTS]:
            self._cells[N_SLOTS] = _random.getrandbits(64) | 1
        return self._cells[N_SLOTS]
