"""Snapshots on disk: written atomically, checked, memory-mapped by every worker.

A folder holds one sub-folder for each version and a file ``CURRENT`` that names the one to use.
``CURRENT`` is replaced last, in one step, so a reader sees the old snapshot or the new one.
"""

import json
import os
import shutil
import tempfile
import zlib
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from music.recommender.facts import SongFacts
from music.recommender.neighbours import NeighbourLists, RowSets
from music.recommender.snapshot import Placing, Snapshot

FORMAT = 7
"""Increased whenever the arrays change their meaning; other formats are refused."""

_CURRENT = "CURRENT"
_MANIFEST = "manifest.json"
_CHUNK_BYTES = 1 << 22
_SMALLEST_MAP_BYTES = 4096


class SnapshotMissing(Exception):
    """The folder holds no snapshot yet."""


class SnapshotCorrupt(Exception):
    """The folder holds an incomplete or damaged snapshot; the message says what is wrong."""


def save_snapshot(snapshot: Snapshot, folder: Path) -> Path:
    """Write ``snapshot`` under ``folder`` and make it the current one; return its sub-folder.

    The version that was current before stays for workers that still read it; older ones go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = current_version(folder)
    target = folder / snapshot.version
    if not _is_whole(target):
        _write_version(snapshot, folder, target)
    _replace_text(folder / _CURRENT, snapshot.version)
    _drop_versions_except(folder, {snapshot.version, before})
    return target


def load_snapshot(folder: Path) -> Snapshot:
    """Return the current snapshot of ``folder``, its arrays memory-mapped read-only.

    Raises ``SnapshotMissing`` when there is none and ``SnapshotCorrupt`` when a file is missing,
    has another size or checksum than the manifest says, or is of another format.
    """
    version = current_version(folder)
    if version is None:
        raise SnapshotMissing(f"no snapshot in {folder}")
    if not version.isalnum():
        raise SnapshotCorrupt(f"{folder / _CURRENT} names no version: {version[:40]!r}")
    manifest, arrays = _read_version(folder / version)
    try:
        return _restore(version, manifest, arrays)
    except (KeyError, TypeError) as error:
        raise SnapshotCorrupt(f"{folder / version}: the manifest lacks {error}") from error


def current_version(folder: Path) -> str | None:
    """Return the version that ``load_snapshot`` would load now, or None; one small read.

    The content of a damaged file is returned as it is: only loading may fail, or the file could not
    be replaced.
    """
    try:
        return (folder / _CURRENT).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None


def _arrays_of(snapshot: Snapshot) -> dict[str, np.ndarray]:
    arrays = {"song_ids": snapshot.song_ids, "terms": snapshot.terms, "popular": snapshot.popular}
    for prefix, part in _parts(snapshot).items():
        for field in fields(part):
            value = getattr(part, field.name)
            if isinstance(value, np.ndarray):
                arrays[f"{prefix}.{field.name}"] = value
    return arrays


def _parts(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "facts": snapshot.facts,
        "neighbours": snapshot.neighbours,
        "placing": snapshot.placing,
        "holders": snapshot.holders,
        "likers": snapshot.likers,
    }


def _restore(version: str, manifest: dict[str, Any], arrays: dict[str, np.ndarray]) -> Snapshot:
    def part(kind: type, prefix: str, **others: float) -> Any:
        names = [field.name for field in fields(kind) if field.name not in others]
        return kind(**{name: arrays[f"{prefix}.{name}"] for name in names}, **others)

    return Snapshot(
        version=version,
        song_ids=arrays["song_ids"],
        terms=arrays["terms"],
        genres=tuple(manifest["genres"]),
        facts=part(SongFacts, "facts"),
        neighbours=part(NeighbourLists, "neighbours"),
        placing=part(Placing, "placing", **manifest["placing"]),
        popular=arrays["popular"],
        holders=part(RowSets, "holders"),
        likers=part(RowSets, "likers"),
    )


def _write_version(snapshot: Snapshot, folder: Path, target: Path) -> None:
    working = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        described = {}
        for name, array in _arrays_of(snapshot).items():
            path = working / f"{name}.npy"
            with path.open("wb") as file:
                np.save(file, np.ascontiguousarray(array), allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
            described[name] = {"bytes": path.stat().st_size, "crc32": _checksum(path)}
        manifest = {
            "format": FORMAT,
            "genres": list(snapshot.genres),
            "placing": {
                "scale": snapshot.placing.scale,
                "lift": snapshot.placing.lift,
                "seed_weight": snapshot.placing.seed_weight,
            },
            "arrays": described,
        }
        _replace_text(working / _MANIFEST, json.dumps(manifest))
        if target.exists():
            shutil.rmtree(target)
        working.chmod(0o755)
        working.rename(target)
    finally:
        shutil.rmtree(working, ignore_errors=True)


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
        if path.is_dir() and path.name not in kept and (path / _MANIFEST).exists():
            shutil.rmtree(path, ignore_errors=True)


def _is_whole(path: Path) -> bool:
    try:
        _read_version(path)
    except SnapshotCorrupt:
        return False
    return True


def _read_version(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    manifest = _read_manifest(path)
    described = manifest["arrays"].items()
    return manifest, {name: _read_array(path, name, facts) for name, facts in described}


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((path / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SnapshotCorrupt(f"{path / _MANIFEST} cannot be read: {error}") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("arrays"), dict):
        raise SnapshotCorrupt(f"{path / _MANIFEST} is not a manifest")
    if manifest.get("format") != FORMAT:
        raise SnapshotCorrupt(f"{path} has format {manifest.get('format')}, not {FORMAT}")
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
