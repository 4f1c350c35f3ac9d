"""The file format of a backup: gzip over lines of JSON, so that ``zcat`` shows what is in it.

The first line is the header. For each table follow an object that names its columns, one array per
row in the order of the primary key, and an object with the number of rows. The last line holds the
number of all rows and the SHA-256 of everything before it: a file without it was cut off.
"""

import gzip
import hashlib
import io
import json
import os
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from . import BackupError

FORMAT = 1
_MAGIC = "tunetrace_backup"
_GZIP_MAGIC = b"\x1f\x8b"
_COMPRESSION_LEVEL = 3
_BROKEN = (EOFError, gzip.BadGzipFile, zlib.error)


class ArchiveError(BackupError):
    """The file is not a backup, or only a part of one."""


@dataclass(frozen=True)
class Header:
    """The first line of a backup.

    ``made_at`` is when its snapshot was taken (UTC); ``migrations`` are the applied migrations of
    its tables as ``app.name``; ``histories`` name the databases that the rows came from.
    """

    made_at: datetime
    taken_from: str
    migrations: tuple[str, ...]
    histories: tuple[str, ...]
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TableSection:
    """One table of a backup. ``lines`` can be read once, before the next section is asked for."""

    table: str
    columns: tuple[str, ...]
    lines: Iterator[bytes]


@dataclass(frozen=True)
class Contents:
    """What the check of a complete file found in it."""

    header: Header
    n_rows: dict[str, int]

    @property
    def n_all_rows(self) -> int:
        return sum(self.n_rows.values())


class ArchiveWriter:
    """Writes a backup to a file, from beginning to end; nothing is ever read back."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self._gzip = gzip.GzipFile("", "wb", _COMPRESSION_LEVEL, file, mtime=0)
        self._digest = hashlib.sha256()
        self.n_rows: dict[str, int] = {}
        self._write_object({_MAGIC: FORMAT, **asdict(header), "made_at": str(header.made_at)})

    def write_table(self, name: str, columns: Iterable[str], pages: Iterable[list[bytes]]) -> None:
        """Write a table; ``pages`` are lists of lines, each ending with its newline."""
        self._write_object({"table": name, "columns": list(columns)})
        n_rows = 0
        for page in pages:
            self._write(b"".join(page))
            n_rows += len(page)
        self._write_object({"rows": n_rows})
        self.n_rows[name] = n_rows

    def finish(self) -> None:
        """Write the last line, without which the file is not a backup."""
        total = sum(self.n_rows.values())
        self._write_object({"all_rows": total, "sha256": self._digest.hexdigest()})
        self._gzip.close()

    def _write_object(self, value: dict[str, Any]) -> None:
        self._write(json.dumps(value).encode() + b"\n")

    def _write(self, data: bytes) -> None:
        self._digest.update(data)
        self._gzip.write(data)


def is_backup(start: bytes) -> bool:
    """Return whether a file that begins with ``start`` (a few hundred bytes) can be a backup."""
    try:
        text = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, 64)
    except zlib.error:
        return False
    return text.startswith(f'{{"{_MAGIC}"'.encode())


def read_header(file: BinaryIO) -> Header:
    """Return the header of a backup. Raises ``ArchiveError``."""
    with _reading(file) as unpacked:
        return _parse_header(unpacked.readline())


def check_archive(file: BinaryIO) -> Contents:
    """Read a backup to its end; raise ``ArchiveError`` unless it is complete and unchanged."""
    digest, table, n_since = hashlib.sha256(), None, 0
    n_rows: dict[str, int] = {}
    with _reading(file) as unpacked:
        line = unpacked.readline()
        header = _parse_header(line)
        digest.update(line)
        for line in unpacked:
            if line[:1] == b"[":
                n_since += 1
            else:
                told = _parse_object(line)
                if "sha256" in told:
                    _check_end(told, digest.hexdigest(), sum(n_rows.values()), unpacked.read(1))
                    return Contents(header, n_rows)
                if "table" in told:
                    table, n_since = told["table"], 0
                elif told.get("rows") == n_since and table is not None:
                    n_rows[table] = n_since
                else:
                    raise ArchiveError(f"the backup is damaged: {table} has {n_since} rows in it")
            digest.update(line)
    raise ArchiveError("the backup is not whole: its end is missing")


def read_sections(file: BinaryIO) -> Iterator[TableSection]:
    """Yield the tables of a backup that was checked, in the order of the file."""
    with _reading(file) as unpacked:
        _parse_header(unpacked.readline())
        while "table" in (told := _parse_object(unpacked.readline())):
            lines = _lines_of_section(unpacked)
            yield TableSection(told["table"], tuple(told["columns"]), lines)
            deque(lines, maxlen=0)  # skip the lines that the caller did not read


def _lines_of_section(unpacked: gzip.GzipFile) -> Iterator[bytes]:
    while (line := unpacked.readline())[:1] == b"[":
        yield line


@contextmanager
def _reading(file: BinaryIO) -> Iterator[gzip.GzipFile]:
    """Yield the decompressed file from its beginning; errors of gzip become ``ArchiveError``."""
    start = io.BufferedReader(_FromStart(file))
    if start.peek(2)[:2] != _GZIP_MAGIC:
        raise ArchiveError("the file is not a TuneTrace backup: it is not compressed by gzip")
    try:
        yield gzip.GzipFile("", "rb", fileobj=start)
    except _BROKEN as error:
        raise ArchiveError(f"the backup is damaged or not whole: {error}") from error


class _FromStart(io.RawIOBase):
    """A file read from its beginning, with its own position: two threads may read it at once."""

    def __init__(self, file: BinaryIO) -> None:
        file.flush()
        self._descriptor, self._place = file.fileno(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        # (What a buffer is has a name from Python 3.12 on.)
        data = os.pread(self._descriptor, len(buffer), self._place)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)


def _parse_header(line: bytes) -> Header:
    told = _parse_object(line)
    if _MAGIC not in told:
        raise ArchiveError("the file is not a TuneTrace backup: its first line is not a header")
    if told[_MAGIC] != FORMAT:
        raise ArchiveError(
            f"the backup has format {told[_MAGIC]}, and this TuneTrace reads {FORMAT}: use a newer"
        )
    return Header(
        made_at=datetime.fromisoformat(told["made_at"]),
        taken_from=told["taken_from"],
        migrations=tuple(told["migrations"]),
        histories=tuple(told["histories"]),
        facts=told["facts"],
    )


def _parse_object(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ArchiveError(f"the file is not a TuneTrace backup, or damaged: {line[:40]!r}")
    return told


def _check_end(told: dict[str, Any], sha256: str, n_rows: int, rest: bytes) -> None:
    if told["sha256"] != sha256 or told["all_rows"] != n_rows:
        raise ArchiveError("the backup is damaged: its checksum is wrong")
    if rest:
        raise ArchiveError("the backup is damaged: something follows its end")
