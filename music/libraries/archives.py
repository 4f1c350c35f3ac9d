"""Zip archives of Takeout, Spotify and ListenBrainz. Nothing is unpacked to a disk."""

import io
import zipfile
from collections.abc import Iterator
from zlib import error as ZlibError

from music.errors import InvalidInput

MAX_MEMBERS = 2000
MAX_MEMBER_BYTES = 20 * 2**20
MAX_TOTAL_BYTES = 60 * 2**20
_ENDINGS = (".csv", ".json", ".jsonl", ".xml", ".m3u", ".m3u8", ".xspf", ".jspf", ".txt", ".db")
_BEGINNING = b"PK\x03\x04"


def is_archive(data: bytes) -> bool:
    """Return whether ``data`` is a zip archive."""
    return data.startswith(_BEGINNING)


def list_members(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each member that may hold songs.

    Raises ``InvalidInput`` for ``file`` where it is damaged, encrypted, or unpacks to too much.
    """
    n_total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise InvalidInput("file", f"This archive has more than {MAX_MEMBERS:,} files.")
            for member in members:
                if not member.filename.casefold().endswith(_ENDINGS):
                    continue
                contents = _read(archive, member)
                n_total += len(contents)
                if n_total > MAX_TOTAL_BYTES:
                    raise InvalidInput(
                        "file", "This archive is too large: send its files one by one."
                    )
                yield member.filename, contents
    except (zipfile.BadZipFile, ZlibError, NotImplementedError, EOFError, OSError) as error:
        raise InvalidInput("file", f"This archive is damaged: {error}.") from None
    except RuntimeError:
        raise InvalidInput("file", "This archive is locked with a password.") from None


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Return the content of a member, limited by what is read, not by the length in its header."""
    with archive.open(member) as stream:
        contents = stream.read(MAX_MEMBER_BYTES + 1)
    if len(contents) > MAX_MEMBER_BYTES:
        name = member.filename.rpartition("/")[2][:80]
        raise InvalidInput("file", f"{name!r} in this archive is longer than 20 MB.")
    return contents
