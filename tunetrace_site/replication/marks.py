"""Two marks per database, shared by all processes of this machine through one small mapped file.

``DOWN``: only the relay may use the database. ``BEHIND``: it misses acknowledged changes and must
not answer. The file has its full size from the start, so that a mark can be set when the disk is
full, and reading a mark is a memory access. Beside the marks it holds what else all processes must
know: the identity of the PostgreSQL server, and why this machine takes no writes.

A mark has a generation, which changes whenever it is set: the relay clears a mark only if nobody
set it again since the relay looked.
"""

import mmap
import os
import struct
import time
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tunetrace_site.machine.files import map_file, state_path
from tunetrace_site.machine.locks import FileLock

from .databases import POSTGRES, SQLITE

_FILE_NAME = "replication.marks"
_SLOT = struct.Struct("<Qd")
_ALIASES = (SQLITE, POSTGRES)
_HEARTBEAT_OFFSET = 2 * len(_ALIASES) * _SLOT.size
_HEARTBEAT = struct.Struct("<d")
_FILE_OFFSET = _HEARTBEAT_OFFSET + _HEARTBEAT.size
_FILE = struct.Struct("<QQ")
_REASON = struct.Struct("<240s")
_REASONS_OFFSET = _FILE_OFFSET + _FILE.size
_SERVER = struct.Struct("<160sQ")
_SERVER_OFFSET = _REASONS_OFFSET + len(_ALIASES) * _REASON.size
_HALTS_OFFSET = _SERVER_OFFSET + _SERVER.size


class Mark(IntEnum):
    DOWN = 0
    BEHIND = 1


class Halt(IntEnum):
    """A reason why this machine refuses every write, however healthy its databases are."""

    CLOCK = 0
    NUMBER = 1


_SIZE_BYTES = _HALTS_OFFSET + len(Halt) * _REASON.size


@dataclass(frozen=True, slots=True)
class MarkState:
    """The state of a mark.

    ``generation`` counts how often it was set; ``since`` is the time it was set at (seconds since
    1970), or 0.0 while it is clear.
    """

    generation: int
    since: float

    @property
    def is_set(self) -> bool:
        return self.since > 0.0


def read_mark(alias: str, mark: Mark) -> MarkState:
    """Return the present state of one mark."""
    return MarkState(*_SLOT.unpack_from(_board(_path()), _offset(alias, mark)))


def is_down(alias: str) -> bool:
    """Return whether only the relay may use ``alias``."""
    return read_mark(alias, Mark.DOWN).is_set


def is_behind(alias: str) -> bool:
    """Return whether ``alias`` misses acknowledged changes."""
    return read_mark(alias, Mark.BEHIND).is_set


def is_in_service(alias: str) -> bool:
    """Return whether no mark is set on ``alias``."""
    return not (is_down(alias) or is_behind(alias))


def set_marks(alias: str, *marks: Mark) -> None:
    """Set ``marks`` of ``alias``; newly set marks are on disk when this returns."""
    with _locked():
        for mark in marks:
            _set(alias, mark)


def skip_if_down(alias: str) -> bool:
    """Return whether ``alias`` is down.

    If so, mark it as behind, since it will miss this change.
    """
    if not is_down(alias):
        return False
    with _locked():
        if not is_down(alias):
            return False
        _set(alias, Mark.BEHIND)
        return True


def clear_mark(alias: str, mark: Mark, seen: MarkState) -> bool:
    """Clear a mark, unless it was set again since it was ``seen``; return whether it is clear."""
    with _locked():
        if read_mark(alias, mark).generation != seen.generation:
            return False
        _SLOT.pack_into(_board(_path()), _offset(alias, mark), seen.generation, 0.0)
        return True


def note_reason(alias: str, reason: str) -> None:
    """Store the beginning of the reason why ``alias`` is down, for operators.

    Empty when it is up.
    """
    _write_text(_reason_offset(alias), reason)


def read_reason(alias: str) -> str:
    """Return the stored reason why ``alias`` is down."""
    return _read_text(_reason_offset(alias))


def note_halt(halt: Halt, reason: str) -> bool:
    """Store why this machine takes no writes (empty: it takes them).

    Return whether that changed.
    """
    offset = _HALTS_OFFSET + halt * _REASON.size
    was_halted = bool(_read_text(offset))
    _write_text(offset, reason)
    return was_halted != bool(reason)


def read_halts() -> list[str]:
    """Return why this machine takes no writes; empty when it does."""
    noted = (_read_text(_HALTS_OFFSET + halt * _REASON.size) for halt in Halt)
    return [reason for reason in noted if reason]


def note_server(identity: str, wal_position: int) -> None:
    """Store the PostgreSQL server that was compared with SQLite, and the end of its log then."""
    _SERVER.pack_into(_board(_path()), _SERVER_OFFSET, identity.encode(), wal_position)


def known_server() -> tuple[str, int]:
    """Return the stored server and its log position; empty and 0 when none was stored."""
    identity, wal_position = _SERVER.unpack_from(_board(_path()), _SERVER_OFFSET)
    return identity.rstrip(b"\0").decode(errors="ignore"), wal_position


def beat() -> None:
    """Record that the relay of this machine is running."""
    _HEARTBEAT.pack_into(_board(_path()), _HEARTBEAT_OFFSET, time.time())


def last_heartbeat() -> float:
    """Return when a relay of this machine last ran (seconds since 1970; 0.0: never)."""
    return _HEARTBEAT.unpack_from(_board(_path()), _HEARTBEAT_OFFSET)[0]


def note_sqlite_file(identity: tuple[int, int]) -> None:
    """Store the device and inode of the SQLite file that the relay has found complete."""
    _FILE.pack_into(_board(_path()), _FILE_OFFSET, *identity)


def known_sqlite_file() -> tuple[int, int]:
    """Return the device and inode stored last; zeros when none were."""
    return _FILE.unpack_from(_board(_path()), _FILE_OFFSET)


def _set(alias: str, mark: Mark) -> None:
    board, state = _board(_path()), read_mark(alias, mark)
    since = state.since or time.time()
    _SLOT.pack_into(board, _offset(alias, mark), state.generation + 1, since)
    if not state.is_set:
        board.flush()


def _offset(alias: str, mark: Mark) -> int:
    return (_ALIASES.index(alias) * len(Mark) + mark) * _SLOT.size


def _reason_offset(alias: str) -> int:
    return _REASONS_OFFSET + _ALIASES.index(alias) * _REASON.size


def _write_text(offset: int, text: str) -> None:
    _REASON.pack_into(_board(_path()), offset, text.encode())


def _read_text(offset: int) -> str:
    [noted] = _REASON.unpack_from(_board(_path()), offset)
    return noted.rstrip(b"\0").decode(errors="ignore")


def _path() -> str:
    return os.path.join(settings.STATE_DIR, _FILE_NAME)


@lru_cache(maxsize=8)
def _board(path: str) -> mmap.mmap:
    return map_file(Path(path), _SIZE_BYTES)


def _locked() -> FileLock:
    return FileLock(state_path(_FILE_NAME))
