"""The values read from a file: its songs, and nothing personal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from music.names.addresses import find_video_id

PODCAST = "A podcast or an audiobook."
SKIPPED = "Skipped, or played for less than half a minute."
REMOVED = "A video that has been removed."
NO_TITLE = "There is no title."
PLAYED_SECONDS = 30


@dataclass(frozen=True, slots=True)
class LibrarySong:
    """A song of a file: ``artist`` may be empty where ``title`` is all there is.

    ``video_id`` and ``liked_at`` (UTC) are set where the file has them; ``left_out`` says why the
    song becomes no like. A file that TuneTrace wrote has the listener's own ``words``, and the
    song's address (``song_id``).
    """

    title: str
    artist: str = ""
    video_id: str = ""
    liked_at: datetime | None = None
    left_out: str = ""
    words: str = ""
    song_id: str = ""

    @property
    def name(self) -> str:
        """The song as people write it."""
        if self.words.strip():
            return self.words.strip()
        title, artist = self.title.strip(), self.artist.strip()
        return f"{artist} - {title}" if artist and title else title or artist


@dataclass(frozen=True, slots=True)
class Library:
    """The songs of a file, the program that wrote it, and the name of its list (or empty).

    ``is_history``: songs that were heard, which says less than songs that were saved.
    """

    source: str
    songs: tuple[LibrarySong, ...]
    label: str = ""
    is_history: bool = False


def make_library(
    source: str, songs: Iterable[LibrarySong], *, label: str = "", is_history: bool = False
) -> Library:
    """Return a library of ``songs``, in which those without any name are marked as left out."""
    told = tuple(
        song if song.name or song.video_id or song.left_out else LibrarySong("", left_out=NO_TITLE)
        for song in songs
    )
    return Library(source, told, label.strip(), is_history)


def find_video(*texts: object) -> str:
    """Return the video id in the first of ``texts`` that is a video's address.

    Empty without one.
    """
    found = (find_video_id(text) for text in texts if isinstance(text, str) and text)
    return next(filter(None, found), None) or ""


def read_time(value: object) -> datetime | None:
    """Return a time found in files: ISO 8601, ``... UTC``, or POSIX seconds or milliseconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _read_posix(float(value))
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip()
    if text.isdecimal() and len(text) in {10, 13}:
        return _read_posix(float(text))
    try:
        read = datetime.fromisoformat(text.removesuffix(" UTC").strip())
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read_posix(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
