"""The stored songs as documents for the recommender, and all of them as columns."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np
from django.conf import settings
from django.db.models import QuerySet

from music.catalogue.artists import find_country
from music.catalogue.bundled import find_song
from music.catalogue.key_pages import read_pages
from music.catalogue.near_artists import guess_near, list_near
from music.models import Song, VideoFeature
from music.recommender.column_files import load_columns, save_columns
from music.recommender.documents import SongDocument
from music.recommender.song_columns import ColumnCollector, SongColumns
from tunetrace_site.machine.files import digest_files, state_path

BATCH = 2000
_SONG_COLUMNS = (
    "pk", "address", "artist", "title", "genre", "tags", "year", "language", "popularity",
    "is_bundled",
)  # fmt: skip
_TAKE_COLUMNS = ("song_id", "description", "channel_title", "view_count", "duration")
_KEYS = 2**63
_READING = (
    "music/names",
    "music/recommender",
    "music/catalogue",
    "music/domain/documents.py",
    "music/models/song.py",
)
"""The code and word lists that decide what a row's document and its terms are."""
Shown = Callable[[int, int], None]
"""Called with (how much is read, how much there is)."""


def read_documents(songs: QuerySet[Song]) -> Iterator[SongDocument]:
    """Return the documents of some ``songs``, in their order; two queries per 2,000."""
    for batch in _batches(songs.iterator(chunk_size=BATCH)):
        takes = _read_telling_takes([song.pk for song in batch])
        for song in batch:
            take = takes.get(song.pk)
            yield to_document(song, VideoFeature(**_named(_TAKE_COLUMNS, take)) if take else None)


def _batches(songs: Iterator[Song]) -> Iterator[list[Song]]:
    while batch := list(islice(songs, BATCH)):
        yield batch


def read_columns(show: Shown) -> SongColumns:
    """Return all songs that can be suggested as columns; two queries per 2,000.

    Columns of the last build serve for all songs whose rows are the same; what was read is kept for
    the next one. Raises ``OSError`` if the disk is full.
    """
    folder = state_path("song_columns") / find_reading()
    known = load_columns(folder)
    collector = ColumnCollector(known)
    for rows in read_pages(Song.objects.suggestible(), *_SONG_COLUMNS, size=BATCH):
        _collect(collector, rows)
        # Keys are digests: how far they are says how much is done.
        show(int(100 * rows[-1][0] / _KEYS), 100)
    columns = collector.finish()
    is_the_same = known is not None and collector.n_reused == known.rows.keys.size
    if not is_the_same or collector.n_songs != collector.n_reused:
        save_columns(columns, folder)
        _drop_others(folder)
    return columns


def _collect(collector: ColumnCollector, rows: Sequence[tuple]) -> None:
    keys = np.array([row[0] for row in rows], np.int64)
    takes = _read_telling_takes(keys.tolist())
    pairs = [(row, takes.get(row[0])) for row in rows]

    def make(place: int) -> SongDocument:
        row, take = pairs[place]
        video = VideoFeature(**_named(_TAKE_COLUMNS, take)) if take else None
        return to_document(Song(**_named(_SONG_COLUMNS, row)), video)

    collector.add(keys, np.fromiter(map(_digest, pairs), np.uint64, len(pairs)), make)


def _digest(values: object) -> int:
    digest = hashlib.blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def _named(columns: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(columns, values, strict=True))


@cache
def find_reading() -> str:
    """Return a name for the way documents and terms are made, which differs when code differs."""
    return digest_files(Path(settings.BASE_DIR) / name for name in _READING)


def _drop_others(folder: Path) -> None:
    for path in folder.parent.iterdir():
        if path != folder:
            shutil.rmtree(path, ignore_errors=True)


def _read_telling_takes(song_pks: Sequence[int]) -> dict[int, tuple]:
    """Return the most viewed video that has each song itself, by the song's primary key."""
    videos = VideoFeature.objects.playable().themselves().of_song_length()
    takes: dict[int, tuple] = {}
    told = videos.filter(song__in=song_pks).most_seen_first().values_list(*_TAKE_COLUMNS)
    for take in told:
        takes.setdefault(cast(int, take[0]), take)
    return takes


def to_document(song: Song, take: VideoFeature | None) -> SongDocument:
    """Return the recommender's document of a song, with facts of one take of it."""
    views = take.view_count if take else None
    bundled = find_song(song.address) if song.is_bundled else None
    language = song.language.partition("-")[0]
    near = list_near(song.artist) or guess_near(genre=song.genre, tags=song.tags, language=language)
    return SongDocument(
        song_id=song.address,
        title=song.title,
        artist=song.artist,
        genre=song.genre,
        tags=tuple(song.tags),
        description=take.description if take else "",
        channel=take.channel_title if take else song.artist,
        year=song.year,
        language=song.language,
        view_count=max(views or 0, _views_like(song.popularity)),
        duration_seconds=take.duration if take else None,
        energy=bundled.energy if bundled else None,
        occasions=bundled.occasions if bundled else (),
        is_instrumental=bundled.is_instrumental if bundled else None,
        near_artists=near,
        country=find_country(song.artist),
    )


def _views_like(popularity: int) -> int:
    """Convert popularity 1..100 to views, on the logarithmic scale: 100 is 10^10 views."""
    return round(10 ** (popularity / 10)) if popularity else 0
