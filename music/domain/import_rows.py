"""The rows of an import: its songs as they were written, each once.

What they mean is found in ``import_meanings.py``; ``import_parts.py`` likes them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.utils import timezone

from music.errors import InvalidInput
from music.libraries.records import Library
from music.models import ImportRow, PlaylistImport
from music.models.claims import ClaimQuerySet
from music.models.import_row import VIDEO_ID_MAX_LENGTH
from music.models.liked_song import SONG_NAME_MAX_LENGTH
from music.names.normalization import clean_text, normalize_key
from tunetrace_site.replication.unit import unit_of_work

from .names import clean_song_name, refuse_other_links

MAX_ROWS = 10_000
STORED_AT_ONCE = 500
NO_NAME = "–"
ADDRESS_MAX_LENGTH = 255
State = ImportRow.State


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to be stored: what was written, its link, and when the song was liked elsewhere.

    ``left_out`` says why it cannot become a like; empty where it can. ``song_id`` is its song's
    address, where a file names it.
    """

    name: str
    video_id: str = ""
    liked_at: datetime | None = None
    left_out: str = ""
    song_id: str = ""


def make_file_rows(library: Library) -> list[NewRow]:
    """Return a row for each different song of a file, in its order; of equal ones the first.

    Raises ``InvalidInput`` for ``file`` where there is none, or more than 10,000.
    """
    rows: dict[tuple[str, str], NewRow] = {}
    for song in library.songs:
        row = make_row(song.name, song.video_id, song.liked_at, song.left_out)
        row = replace(row, song_id=song.song_id[:ADDRESS_MAX_LENGTH])
        rows.setdefault((normalize_key(row.name) or row.name, row.video_id), row)
        if len(rows) > MAX_ROWS:
            raise InvalidInput("file", f"At most {MAX_ROWS:,} different songs: this file has more.")
    if all(row.left_out for row in rows.values()):
        raise InvalidInput("file", "No song was found in this file.", hint="See what can be read.")
    return list(rows.values())


def make_row(name: str, video_id: str, liked_at: datetime | None, left_out: str) -> NewRow:
    """Return a row for a written name, cut to column lengths, or with the reason it is left out."""
    words = clean_text(name)[:SONG_NAME_MAX_LENGTH].strip()
    if not words and video_id:
        words = write_link(video_id)
    if not left_out:
        try:
            clean_song_name(words)
            refuse_other_links(words)
        except InvalidInput as error:
            left_out = error.message
    return NewRow(words or NO_NAME, video_id[:VIDEO_ID_MAX_LENGTH], liked_at, left_out)


def write_link(video_id: str) -> str:
    """Return the address of a video, for a song of which nothing else is known."""
    return f"https://www.youtube.com/watch?v={video_id}"


def add_rows(job: PlaylistImport, rows: Sequence[NewRow], *, n_before: int = 0) -> None:
    """Store the next rows of an import after ``n_before``; the caller holds a unit of work."""
    ImportRow.objects.bulk_create(
        ImportRow(
            job=job,
            number=number,
            name=row.name,
            video_id=row.video_id,
            liked_at=row.liked_at,
            candidates=[row.song_id] if row.song_id else [],
            state=State.LEFT if row.left_out else State.WAITING,
            why=row.left_out[:160],
        )
        for number, row in enumerate(rows, n_before + 1)
    )


def rows_to_json(rows: Sequence[NewRow]) -> list[dict[str, str]]:
    """Return ``rows`` as JSON, for an import to keep until each has a row of its own."""
    told = ({**asdict(row), "liked_at": row.liked_at and row.liked_at.isoformat()} for row in rows)
    return [{name: value for name, value in row.items() if value} for row in told]


def _read_row(told: dict[str, str]) -> NewRow:
    at = told.get("liked_at")
    texts = {name: text for name, text in told.items() if name != "liked_at"}
    return NewRow(**texts, liked_at=datetime.fromisoformat(at) if at else None)


def store_rows(job: PlaylistImport, mine: ClaimQuerySet) -> None:
    """Store rows for the next 500 songs of a long import; each once, despite interruptions."""
    with unit_of_work():
        # The import's row first: its lock keeps others from taking the import over until the
        # commit.
        if not mine.update(updated_at=timezone.now()):
            return
        n_before, all_rows = job.rows.count(), job.new_rows or []
        some = all_rows[n_before : n_before + STORED_AT_ONCE]
        add_rows(job, [_read_row(told) for told in some], n_before=n_before)
        if n_before + len(some) >= len(all_rows):
            mine.update(new_rows=None)


def list_unstored(job: PlaylistImport) -> list[NewRow]:
    """Return the songs of an import that have no row of their own yet."""
    return [_read_row(told) for told in (job.new_rows or [])[job.rows.count() :]]


def move_pasted_songs(job: PlaylistImport, mine: ClaimQuerySet) -> None:
    """Store rows for the undone songs of an import that an older version of the code began."""
    names = [make_row(name, "", None, "") for name in job.pasted_songs[job.n_done :]]
    with unit_of_work():
        if mine.update(pasted_songs=[], n_total=len(names)):
            add_rows(job, names)
