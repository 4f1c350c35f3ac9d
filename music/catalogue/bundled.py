"""The bundled catalogue: some thousand well-known songs as plain facts, for a start without a key.

``data/songs.csv`` has the columns ``artist,title,year,genre,genres,moods,language,popularity,
aliases``; lists are separated by ``|``.
"""

import csv
import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from music.names.normalization import normalize_key
from music.records import CATALOGUE_PREFIX, VideoRecord

SONGS_FILE = Path(__file__).parent / "data" / "songs.csv"
SOURCE = "catalogue"
MAX_ID_LENGTH = 128
_SPACES = re.compile(r"\s+")


@cache
def load_songs() -> tuple[VideoRecord, ...]:
    """Every song of the bundled file, in its order."""
    return tuple(read_songs(SONGS_FILE))


def read_songs(path: Path) -> Iterator[VideoRecord]:
    """The songs of a catalogue file. Raises ``ValueError`` naming the line that is wrong."""
    seen: set[str] = set()
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                song = _parse_row(row)
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path.name}, line {line}: {error!r}") from error
            if song.video_id in seen:
                raise ValueError(f"{path.name}, line {line}: {song.title!r} is there twice.")
            seen.add(song.video_id)
            yield song


def make_id(artist: str, title: str) -> str:
    """``catalogue:<artist>/<title>`` in lower case with hyphens; the same for ever, in any script.

    Longer than a column holds, it is cut and ends in a digest of the whole instead.
    """
    whole = f"{CATALOGUE_PREFIX}{_slug(artist)}/{_slug(title)}"
    if len(whole) <= MAX_ID_LENGTH:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:12]
    return f"{whole[: MAX_ID_LENGTH - len(digest) - 1]}-{digest}"


def _slug(text: str) -> str:
    key = normalize_key(text)
    if key:
        return _SPACES.sub("-", key)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _parse_row(row: dict[str, str]) -> VideoRecord:
    artist, title = row["artist"].strip(), row["title"].strip()
    if not artist or not title:
        raise ValueError("artist and title must be there")
    tags = (*_split_list(row["genres"]), *_split_list(row["moods"]))
    return VideoRecord(
        video_id=make_id(artist, title),
        title=f"{artist} - {title}",
        artist=artist,
        song_title=title,
        channel_title=artist,
        tags=tuple(dict.fromkeys(tags)),
        genre=row["genre"],
        year=int(row["year"]) if row["year"] else None,
        language=row["language"],
        source=SOURCE,
        popularity=int(row["popularity"]),
        aliases=_split_list(row["aliases"]),
    )


def _split_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split("|") if part.strip())
