"""Where a backup is written to and read from: a folder, a file or a pipe.

A backup holds digests of passwords and tokens, so only its owner may read the file (0600). It is
complete or absent: it gets its name when all of it is on the disk.
"""

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from tunetrace_site.machine.files import state_path

from . import BackupError
from .archive import is_backup

STANDARD_STREAM = "-"
_START_BYTES = 512


@contextmanager
def open_destination(name: str) -> Iterator[tuple[BinaryIO, str]]:
    """Yield a file to write and its display name; ``-`` means standard output.

    In a folder the file is named after the time. An earlier backup of that name is replaced, any
    other file is not. Raises ``BackupError``.
    """
    path = Path(name)
    if path.is_dir() or name.endswith(os.sep):
        path = path / f"tunetrace-{datetime.now(UTC):%Y%m%d-%H%M%S}.backup"
    called = "standard output" if name == STANDARD_STREAM else str(path)
    try:
        with _open(path) as file:
            yield file, called
    except OSError as error:
        raise BackupError(f"{called} cannot be written: {error.strerror or error}") from error


def _open(path: Path) -> AbstractContextManager[BinaryIO]:
    if str(path) == STANDARD_STREAM:
        return _open_standard_output()
    return path.open("wb") if _is_special(path) else _open_new(path)


def _is_special(path: Path) -> bool:
    """Return whether ``path`` exists and is no ordinary file (a named pipe, a terminal)."""
    return path.exists() and not stat.S_ISREG(path.stat().st_mode)


@contextmanager
def _open_standard_output() -> Iterator[BinaryIO]:
    if sys.stdout.isatty():
        raise BackupError("a backup is not text: name a file, or send it through a pipe")
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def _open_new(path: Path) -> Iterator[BinaryIO]:
    if path.exists() and not _is_backup(path):
        raise BackupError(f"{path} exists and is not a backup: name another file")
    # Made with 0600, in the same folder, so that renaming it is one step.
    descriptor, part = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        _sync_folder(path.parent)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _is_backup(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    return not start or is_backup(start)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def open_source(name: str) -> Iterator[BinaryIO]:
    """Yield a backup that can be read more than once; ``-`` means standard input.

    Data from a pipe is kept in a file without a name while it is read. Raises ``BackupError``.
    """
    with ExitStack() as stack:
        try:
            if name == STANDARD_STREAM:
                source = sys.stdin.buffer
            else:
                source = stack.enter_context(Path(name).open("rb"))
            if name == STANDARD_STREAM or _is_special(Path(name)):
                kept = stack.enter_context(open_scratch_file())
                shutil.copyfileobj(source, kept)
                source = kept
        except OSError as error:
            raise BackupError(f"{name} cannot be read: {error.strerror or error}") from error
        yield source


@contextmanager
def open_scratch_file() -> Iterator[BinaryIO]:
    """Open a file without a name in ``STATE_DIR``; it goes when it is closed."""
    with tempfile.TemporaryFile(dir=state_path("").parent) as file:
        yield file
