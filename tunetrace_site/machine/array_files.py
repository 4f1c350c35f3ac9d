"""Snapshots of arrays on disk: written atomically, checked, memory-mapped by every process.

A folder holds one sub-folder for each version and a file ``CURRENT`` that names the one to use.
``CURRENT`` is replaced last, in one step, so a reader sees the old snapshot or the new one.
"""

import json
import mmap
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
_CHUNK_BYTES = 1 << 22
_WRITING = ".writing-"
_LEFT_SECONDS = 86_400.0
_SMALLEST_MAP_BYTES = 4096


class SnapshotMissing(Exception):
    """The folder holds no snapshot yet."""


class SnapshotCorrupt(Exception):
    """The folder holds an incomplete or damaged snapshot; the message says what is wrong."""


class StoredArrays(NamedTuple):
    """A loaded snapshot: its version, its facts, and its arrays by name."""

    version: str
    facts: dict[str, Any]
    arrays: dict[str, np.ndarray]


def map_new_array(path: Path, kind: type, n_entries: int) -> np.ndarray:
    """Return a one-dimensional array of zeros that is kept in a new file, for much to be written.

    ``save_arrays`` takes over the file of such an array without copying it. Raises ``OSError`` if
    the disk has no room.
    """
    array = np.lib.format.open_memmap(path, "w+", kind, (n_entries,))
    # Reserved, not sparse: writing to a hole of a full disk would kill the process.
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def save_arrays(
    folder: Path,
    version: str,
    arrays: Mapping[str, np.ndarray],
    *,
    facts: Mapping[str, Any],
    format_number: int,
) -> Path:
    """Write a snapshot under ``folder``, make it the current one and return its sub-folder.

    ``facts`` are written as JSON. The version that was current before is kept for processes that
    still read it; older ones are deleted. Raises ``OSError`` if the disk is full, and the old
    version then stays current.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = current_version(folder)
    target = folder / version
    if not _is_whole(target, format_number):
        _write_version(folder, target, arrays, {"format": format_number, **facts})
    _make_current(folder, version, before)
    return target


def install_version(folder: Path, working: Path, version: str, *, format_number: int) -> None:
    """Check the files in ``working``, a folder in ``folder``, and make them the current version.

    As with ``save_arrays`` the version before is kept. Raises ``SnapshotCorrupt``, and then the
    old version stays current.
    """
    _read_version(working, format_number)
    before = current_version(folder)
    target = folder / version
    if not _is_whole(target, format_number):
        if target.exists():
            shutil.rmtree(target)
        working.chmod(0o755)
        working.rename(target)
    _make_current(folder, version, before)


def list_files(path: Path, *, format_number: int) -> list[str]:
    """Return the names of the files of a version by its manifest, which is the last of them.

    Raises ``SnapshotCorrupt``.
    """
    names = [f"{name}.npy" for name in _read_manifest(path, format_number)["arrays"]]
    if any("/" in name for name in names):
        raise SnapshotCorrupt(f"{path / MANIFEST} names files of other folders")
    return [*names, MANIFEST]


def load_arrays(folder: Path, *, format_number: int) -> StoredArrays:
    """Return the current snapshot of ``folder``, its arrays memory-mapped read-only.

    Raises ``SnapshotMissing`` when there is none and ``SnapshotCorrupt`` when a file is missing,
    has another size or checksum than the manifest says, or is of another format.
    """
    version = current_version(folder)
    if version is None:
        raise SnapshotMissing(f"no snapshot in {folder}")
    if not version.isalnum():
        raise SnapshotCorrupt(f"{folder / CURRENT} names no version: {version[:40]!r}")
    return StoredArrays(version, *_read_version(folder / version, format_number))


def current_version(folder: Path) -> str | None:
    """Return the version that ``load_arrays`` would load now, or None; one small read.

    The content of a damaged file is returned as it is: only loading may fail, or the file could not
    be replaced.
    """
    try:
        return (folder / CURRENT).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None


def _write_version(
    folder: Path, target: Path, arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]
) -> None:
    working = Path(tempfile.mkdtemp(prefix=_WRITING, dir=folder))
    try:
        described = {}
        for name, array in arrays.items():
            path = working / f"{name}.npy"
            if not _take_over(array, path):
                with path.open("wb") as file:
                    np.save(file, np.ascontiguousarray(array), allow_pickle=False)
                    file.flush()
                    os.fsync(file.fileno())
            described[name] = {"bytes": path.stat().st_size, "crc32": _checksum(path)}
        _replace_text(working / MANIFEST, json.dumps({**facts, "arrays": described}))
        if target.exists():
            shutil.rmtree(target)
        working.chmod(0o755)
        working.rename(target)
    finally:
        shutil.rmtree(working, ignore_errors=True)


def _take_over(array: np.ndarray, path: Path) -> bool:
    """Give the file of an array of ``map_new_array`` the name ``path`` too; whether it is one."""
    if not (isinstance(array, np.memmap) and isinstance(array.base, mmap.mmap) and array.filename):
        return False
    array.flush()
    try:
        os.link(array.filename, path)
    except OSError:  # of another file system, or of one that has no links
        return False
    return True


def _make_current(folder: Path, version: str, before: str | None) -> None:
    _replace_text(folder / CURRENT, version)
    _drop_versions_except(folder, {version, before})


def _replace_text(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(0o644)
    Path(name).replace(path)


def _drop_versions_except(folder: Path, kept: set[str | None]) -> None:
    for path in folder.iterdir():
        is_old_version = path.name not in kept and (path / MANIFEST).exists()
        if path.is_dir() and (is_old_version or _was_left(path)):
            shutil.rmtree(path, ignore_errors=True)


def _was_left(path: Path) -> bool:
    """Return whether ``path`` is of a writer that was killed a day ago or more."""
    return path.name.startswith(_WRITING) and time.time() - path.stat().st_mtime > _LEFT_SECONDS


def _is_whole(path: Path, format_number: int) -> bool:
    try:
        _read_version(path, format_number)
    except SnapshotCorrupt:
        return False
    return True


def _read_version(path: Path, format_number: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    manifest = _read_manifest(path, format_number)
    described = manifest["arrays"].items()
    return manifest, {name: _read_array(path, name, facts) for name, facts in described}


def _read_manifest(path: Path, format_number: int) -> dict[str, Any]:
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SnapshotCorrupt(f"{path / MANIFEST} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("arrays"), dict):
        raise SnapshotCorrupt(f"{path / MANIFEST} is not a manifest")
    if manifest.get("format") != format_number:
        raise SnapshotCorrupt(f"{path} has format {manifest.get('format')}, not {format_number}")
    return manifest


def _read_array(folder: Path, name: str, described: dict[str, int]) -> np.ndarray:
    path = folder / f"{name}.npy"
    try:
        if path.stat().st_size != described["bytes"] or _checksum(path) != described["crc32"]:
            raise SnapshotCorrupt(f"{path} is not what was written")
        if described["bytes"] < _SMALLEST_MAP_BYTES:
            array = np.load(path, allow_pickle=False)
            array.flags.writeable = False
            return array
        return np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotCorrupt(f"{path} cannot be read: {error}") from error


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            checksum = zlib.crc32(chunk, checksum)
    return checksum
