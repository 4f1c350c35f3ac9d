"""Tables of text: CSV with any delimiter, in the variants of different programs."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence

from music.errors import InvalidInput
from music.names.addresses import is_video_id

from .artists import name_artist
from .columns import Columns, read_columns
from .formulas import undo
from .records import Library, LibrarySong, find_video, make_library, read_time

DELIMITERS = ",;\t"
MAX_COLUMNS = 300
MAX_CELL = 100_000
_LINES_LOOKED_AT = 12
_DAY = re.compile(r"\d{1,2} [^\W\d]{3,9} \d{4}(?: \d{1,2}:\d\d)?")
_MOST = 0.8
Row = tuple[int, list[str]]


def read_table(text: str) -> Library | None:
    """Return the songs of a table; None for other text. Raises ``InvalidInput`` for ``file``."""
    lines = [line for line in text[:MAX_CELL].splitlines() if line.strip()][:_LINES_LOOKED_AT]
    if not lines:
        return None
    for delimiter in sorted(DELIMITERS, key=lambda d: -max(line.count(d) for line in lines)):
        if any(delimiter in line for line in lines) and (
            found := _read_with(text, delimiter, lines)
        ):
            return found
    columns = read_columns([lines[0]])
    return _read_headed(text, ",", 0, columns) if columns.weight == 2 else None


def _read_with(text: str, delimiter: str, lines: Sequence[str]) -> Library | None:
    heads = [read_columns(_split(line, delimiter)) for line in lines]
    best = max(range(len(heads)), key=lambda place: (heads[place].weight, -place))
    if heads[best].weight:
        return _read_headed(text, delimiter, best, heads[best])
    return _read_unheaded(text, delimiter)


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _list_rows(text: str, delimiter: str) -> Iterator[Row]:
    """Return the rows that are not empty, with the line each ends in."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InvalidInput("file", f"Row {reader.line_num} cannot be read: {error}.") from None
        if len(cells) > MAX_COLUMNS:
            raise InvalidInput(
                "file",
                f"Row {reader.line_num} has {len(cells):,} columns, more than {MAX_COLUMNS}.",
            )
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _read_headed(text: str, delimiter: str, n_before: int, columns: Columns) -> Library:
    """Return the songs of rows below a heading; ``n_before`` rows come before that."""
    rows = [cells for _, cells in _list_rows(text, delimiter)]
    # A cell with a line break may look like a heading too: several lines are compared.
    at = next((n for n, cells in enumerate(rows) if read_columns(cells) == columns), n_before)
    songs = [_to_song(cells, columns) for cells in rows[at + 1 :]]
    source = _name_source(rows[at])
    label = rows[1][_place_of_title(rows[0])] if _is_old_takeout(rows, at) else ""
    is_history = source in {"Last.fm"}
    if is_history:
        songs = [LibrarySong(s.title, s.artist, s.video_id, left_out=s.left_out) for s in songs]
    return make_library(source, songs, label=undo(label), is_history=is_history)


def _to_song(cells: list[str], columns: Columns) -> LibrarySong:
    video = undo(columns.pick(cells, "video"))
    return LibrarySong(
        title=undo(columns.pick(cells, "title")),
        artist=name_artist(undo(columns.pick(cells, "artist"))),
        video_id=video if is_video_id(video) else find_video(video, columns.pick(cells, "url")),
        liked_at=read_time(columns.pick(cells, "time")),
        words=undo(columns.pick(cells, "words")),
        song_id=undo(columns.pick(cells, "song")),
    )


def _is_old_takeout(rows: Sequence[Sequence[str]], at: int) -> bool:
    return at == 2 and "Playlist Id" in rows[0][:1]


def _place_of_title(cells: Sequence[str]) -> int:
    return next((place for place, cell in enumerate(cells) if cell == "Title"), 0)


def _name_source(cells: Sequence[str]) -> str:
    """Return the program that wrote a table, by its headings."""
    heads = {cell.strip().lstrip("\ufeff").casefold() for cell in cells}
    for source, telling in _SOURCES:
        if telling <= heads:
            return source
    return "a table"


_SOURCES = (
    ("TuneTrace", frozenset({"tunetrace_song", "title"})),
    ("Exportify", frozenset({"track uri", "artist name(s)"})),
    ("TuneMyMusic", frozenset({"track name", "artist name", "playlist name", "type"})),
    ("Soundiiz", frozenset({"title", "artist", "album", "isrc"})),
    ("YouTube Music", frozenset({"video id", "song title"})),
    ("YouTube", frozenset({"video id"})),
    ("Last.fm", frozenset({"uts", "artist", "track"})),
    ("Last.fm", frozenset({"artist", "album", "albumid", "track"})),
    ("Shazam", frozenset({"tagtime", "trackkey"})),
    ("Apple Music", frozenset({"name", "artist", "grouping", "location"})),
)


def _read_unheaded(text: str, delimiter: str) -> Library | None:
    rows = [cells for _, cells in _list_rows(text, delimiter)]
    if _are_most(rows, lambda cells: len(cells) == 4 and _is_day_or_empty(cells[3])):
        songs = [LibrarySong(undo(c[2]), undo(c[0])) for c in rows if len(c) >= 3]
        return make_library("Last.fm", songs, is_history=True)
    # Takeout in a language whose headings are not known here, recognised by its ids.
    if _are_most(rows[1:], lambda cells: len(cells) >= 2 and is_video_id(cells[0].strip())):
        return make_library("YouTube", map(_to_video, rows[1:]))
    return None


def _to_video(cells: list[str]) -> LibrarySong:
    texts = [cell for cell in cells[1:] if read_time(cell) is None]
    times = filter(None, map(read_time, cells[1:]))
    title, artist = (texts[0], texts[2]) if len(texts) > 2 else ("", "")
    video = cells[0].strip()
    return LibrarySong(title, artist, video if is_video_id(video) else "", next(times, None))


def _are_most(rows: Sequence[list[str]], is_so: Callable[[list[str]], bool]) -> bool:
    return bool(rows) and sum(map(is_so, rows)) >= _MOST * len(rows)


def _is_day_or_empty(cell: str) -> bool:
    return not cell.strip() or bool(_DAY.fullmatch(cell.strip()))
