"""The bundled catalogue: some thousand well-known songs as plain facts, for a site without a key.

``data/songs.csv`` has the columns ``artist,title,year,genre,genres,moods,language,popularity,
aliases``, and optionally ``energy,occasions,instrumental``; lists are separated by ``|``.
``data/videos.csv`` has ``artist,title,video_id``: videos by which songs of the first file play
without a key; of several videos of a song the best stands first.
"""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

from music.models import Song
from music.models.song import TEXT_MAX_LENGTH
from music.models.video_feature import BUNDLE
from music.names.addresses import is_video_id
from music.names.keys import song_address, song_key
from music.records import VideoRecord
from tunetrace_site.replication.keys import derive_row_key

SONGS_FILE = Path(__file__).parent / "data" / "songs.csv"
VIDEOS_FILE = Path(__file__).parent / "data" / "videos.csv"
SONG_COLUMNS = "artist,title,year,genre,genres,moods,language,popularity,aliases".split(",")
VIDEO_COLUMNS = "artist,title,video_id".split(",")
_INSTRUMENTAL = {"yes": True, "no": False}
_YEARS = range(1, 3000)
_LENGTHS = {"genre": 128, "language": 16}
Row = dict[str, str]
Parsed = TypeVar("Parsed", "BundledSong", "BundledVideo")


@dataclass(frozen=True)
class BundledSong:
    """A song of a catalogue file; ``popularity`` is our estimate of how widely known it is."""

    artist: str
    title: str
    year: int | None
    genre: str
    tags: tuple[str, ...]
    language: str
    popularity: int
    aliases: tuple[str, ...]
    energy: int | None = None
    occasions: tuple[str, ...] = ()
    is_instrumental: bool | None = None

    @cached_property
    def key(self) -> tuple[str, str]:
        """The natural key of the song."""
        return song_key(self.artist, self.title)

    @cached_property
    def row_key(self) -> int:
        """The primary key of the song's row."""
        return derive_row_key(Song, *self.key)

    @property
    def address(self) -> str:
        """The song's address in URLs and in the API."""
        return song_address(*self.key)

    def to_song(self) -> Song:
        """Return the unsaved row of the song."""
        return Song.named(
            self.artist,
            self.title,
            aliases=list(self.aliases),
            genre=self.genre,
            tags=list(self.tags),
            year=self.year,
            language=self.language,
            popularity=self.popularity,
            is_bundled=True,
        )


@dataclass(frozen=True)
class BundledVideo:
    """A video of a song of the catalogue, of which only the id is known."""

    artist: str
    title: str
    video_id: str

    @property
    def key(self) -> str:
        """The natural key of the video within the file."""
        return self.video_id

    def to_record(self) -> VideoRecord:
        """Return the video as a record, as sources give it."""
        return VideoRecord(
            video_id=self.video_id,
            title=f"{self.artist} - {self.title}",
            artist=self.artist,
            song_title=self.title,
            source=BUNDLE,
        )


@cache
def load_songs() -> tuple[BundledSong, ...]:
    """Return every song of the bundled file, in its order."""
    return tuple(read_songs(SONGS_FILE))


def find_song(address: str) -> BundledSong | None:
    """Return the bundled file's row of the song at ``address``; None if it has none."""
    return _load_by_address().get(address)


@cache
def _load_by_address() -> dict[str, BundledSong]:
    return {song.address: song for song in load_songs()}


def count_better(video_id: str) -> int:
    """Return how many videos of the same song stand before this one in the bundled file.

    0 for the first video of a song, and for one that is not in the file.
    """
    return load_later_videos().get(video_id, 0)


@cache
def load_later_videos() -> dict[str, int]:
    """Return the videos that have others of their song before them, and how many those are."""
    n_before: Counter[tuple[str, str]] = Counter()
    later: dict[str, int] = {}
    for video in _read(VIDEOS_FILE, VIDEO_COLUMNS, _parse_video):
        song = (video.artist, video.title)
        if n_before[song]:
            later[video.video_id] = n_before[song]
        n_before[song] += 1
    return later


def digest_bundle() -> str:
    """Return a digest of all catalogue files: 16 hex digits that identify their version."""
    digest = hashlib.sha256()
    for file in (SONGS_FILE, VIDEOS_FILE):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def read_songs(path: Path) -> Iterator[BundledSong]:
    """Return the songs of a catalogue file.

    Raises ``ValueError`` naming the file and the line that is wrong: a column is missing, there is
    no song, a song appears twice, a fact cannot be read. Raises ``OSError`` without such a file.
    """
    return _read(path, SONG_COLUMNS, _parse_song)


def read_videos(path: Path, songs: Collection[BundledSong]) -> Iterator[BundledVideo]:
    """Return the videos of a file.

    Raise as ``read_songs`` does, also for a song not in ``songs``.
    """
    known = {song.key for song in songs}

    def parse(row: Row) -> BundledVideo:
        video = _parse_video(row)
        if song_key(video.artist, video.title) not in known:
            raise ValueError(f"{video.artist} - {video.title} is not one of the songs")
        return video

    return _read(path, VIDEO_COLUMNS, parse)


def _read(path: Path, columns: list[str], parse: Callable[[Row], Parsed]) -> Iterator[Parsed]:
    line = 1
    seen: dict[object, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise ValueError(f"the header lacks {', '.join(missing)}")
            for row in reader:
                line = reader.line_num
                entry = parse(_check(row))
                if entry.key in seen:
                    raise ValueError(f"the same as line {seen[entry.key]}")
                seen[entry.key] = line
                yield entry
            if not seen:
                raise ValueError("nothing follows the header")
    except (ValueError, csv.Error) as error:
        reason = "not text in UTF-8" if isinstance(error, UnicodeDecodeError) else error
        raise ValueError(f"{path}, line {line}: {reason}.") from error


def _check(row: dict[str | None, str | None]) -> Row:
    found = {k: text.strip() for k, text in row.items() if k is not None and text is not None}
    if len(found) < len(row):
        raise ValueError("its number of fields differs from the header's")
    return found


def _parse_song(row: Row) -> BundledSong:
    for name, length in _LENGTHS.items():
        if len(row[name]) > length:
            raise ValueError(f"{name} has more than {length} characters")
    tags = (*_split_list(row["genres"]), *_split_list(row["moods"]))
    return BundledSong(
        *_parse_names(row),
        year=_parse_number(row, "year", _YEARS) if row["year"] else None,
        genre=row["genre"],
        tags=tuple(dict.fromkeys(tags)),
        language=row["language"],
        popularity=_parse_number(row, "popularity", range(101)),
        aliases=_split_list(row["aliases"]),
        energy=_parse_number(row, "energy", range(1, 6)) if row.get("energy") else None,
        occasions=_split_list(row.get("occasions", "")),
        is_instrumental=_INSTRUMENTAL.get(row.get("instrumental", "")),
    )


def _parse_video(row: Row) -> BundledVideo:
    if not is_video_id(row["video_id"]):
        raise ValueError(f"video_id {row['video_id']!r} is not a YouTube id")
    return BundledVideo(*_parse_names(row), video_id=row["video_id"])


def _parse_names(row: Row) -> tuple[str, str]:
    for name in ("artist", "title"):
        if not 1 <= len(row[name]) <= TEXT_MAX_LENGTH:
            raise ValueError(f"{name} has {len(row[name])} characters, not 1 to {TEXT_MAX_LENGTH}")
    return row["artist"], row["title"]


def _parse_number(row: Row, name: str, allowed: range) -> int:
    text = row[name]
    if not (text.isascii() and text.isdigit() and int(text[:9]) in allowed):
        raise ValueError(f"{name} is {text!r}, not {allowed[0]} to {allowed[-1]}")
    return int(text)


def _split_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())
