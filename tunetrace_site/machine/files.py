"""Files in ``STATE_DIR``, and memory that processes share through them."""

import hashlib
import mmap
import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings


def state_path(name: str) -> Path:
    """Return the path of a file in ``STATE_DIR``; the folder is made when missing."""
    path = Path(settings.STATE_DIR) / name
    if not path.parent.is_dir():  # to try to make it takes three times as long as to look
        path.parent.mkdir(parents=True, exist_ok=True)
    return path


def digest_files(places: Iterable[Path], also: bytes = b"") -> str:
    """Return a digest, 16 hex digits, of the code and word lists in files and folders.

    ``also`` is read before them. Names the results that depend on them, so that another version of
    TuneTrace makes its own.
    """
    digest = hashlib.blake2b(also, digest_size=8)
    for place in places:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.suffix in (".py", ".csv"):
                digest.update(path.read_bytes())
    return digest.hexdigest()


def map_file(path: Path, n_bytes: int) -> mmap.mmap:
    """Return the first ``n_bytes`` of the file at ``path``, as memory shared by its processes.

    The file and its folder are made when missing, and a shorter file is filled up with zeros.
    Raises ``OSError``, also when the disk has no room for it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(descriptor).st_size < n_bytes:
            # Reserved, not sparse: writing to a hole of a full disk would kill the process.
            os.posix_fallocate(descriptor, 0, n_bytes)
        return mmap.mmap(descriptor, n_bytes)
    finally:
        os.close(descriptor)


def share_memory(n_bytes: int) -> mmap.mmap:
    """Return memory without a file, shared with the processes that this one forks from now on."""
    return mmap.mmap(-1, n_bytes)
