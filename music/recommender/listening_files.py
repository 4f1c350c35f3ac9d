"""Reads folders of listening data: ``train.txt``, ``test.txt``, ``valid.txt``, ``items.csv``.

The last two are optional. A line of the ``.txt`` files is a listener and the songs they like,
separated by spaces. ``items.csv`` has the columns ``item,name,tags`` (or ``title``), tags as
``tag:count`` or ``tag`` joined by bars. It may have an ``artist``, ``genre`` or ``genres``; the
cells of any other column, such as ``album``, count as tags.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from music.recommender.documents import SongDocument

Likes = dict[str, tuple[str, ...]]
"""The songs of each listener, both by id."""


_TAG_COLUMNS = ("tags", "genre", "genres")
_COLUMNS = {"item", "name", "title", "artist", *_TAG_COLUMNS}
_PLAIN = 10.0
_LABEL_SHARE = 0.9
_COUNT = re.compile(r"\d+(?:\.\d+)?")


class BadListeningFolder(Exception):
    """A file is missing or a line cannot be read; the message names both."""


@dataclass(frozen=True, slots=True)
class ListeningSet:
    """One data set.

    ``valid`` is empty when the folder has none; ``documents`` covers every song of any file, with
    text where ``items.csv`` has some.
    """

    train: Likes
    valid: Likes
    test: Likes
    documents: tuple[SongDocument, ...]

    def without_text(self) -> "ListeningSet":
        """Return this set with the same likes, of songs of which only the id is known."""
        bare = tuple(SongDocument(d.song_id, title="", artist="") for d in self.documents)
        return replace(self, documents=bare)


def read_listening_folder(folder: Path) -> ListeningSet:
    """Return the data in ``folder``; raises ``BadListeningFolder``."""
    if not folder.is_dir():
        raise BadListeningFolder(f"{folder} is not a folder")
    missing = [name for name in ("train.txt", "test.txt") if not (folder / name).exists()]
    if missing:
        raise BadListeningFolder(f"{folder} lacks {' and '.join(missing)}")
    train, test = _read_likes(folder / "train.txt"), _read_likes(folder / "test.txt")
    valid = _read_likes(folder / "valid.txt") if (folder / "valid.txt").exists() else {}
    described = _read_items(folder / "items.csv") if (folder / "items.csv").exists() else {}
    for likes in (train, valid, test):
        for song_id in (song for songs in likes.values() for song in songs):
            described.setdefault(song_id, SongDocument(song_id, title="", artist=""))
    return ListeningSet(train, valid, test, tuple(described[key] for key in sorted(described)))


def _read_likes(path: Path) -> Likes:
    likes: dict[str, dict[str, None]] = {}
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                listener, *songs = line.split() or [""]
                if not all(part.isdigit() for part in (listener, *songs) if part):
                    raise BadListeningFolder(f"{path}, line {number}: ids must be whole numbers")
                if listener:
                    likes.setdefault(listener, {}).update(dict.fromkeys(songs))
    except (OSError, UnicodeDecodeError) as error:
        raise BadListeningFolder(f"{path} cannot be read: {error}") from error
    if not any(likes.values()):
        raise BadListeningFolder(f"{path} holds no likes")
    return {listener: tuple(songs) for listener, songs in likes.items()}


def _read_items(path: Path) -> dict[str, SongDocument]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            columns = {name: (name or "").strip().casefold() for name in rows.fieldnames or ()}
            if "item" not in columns.values() or not {"name", "title"} & set(columns.values()):
                raise BadListeningFolder(f"{path}: the columns item and name are needed")
            read = [(rows.line_num, _cells(row, columns)) for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadListeningFolder(f"{path} cannot be read: {error}") from error
    labels = _labels([row.get("tags", "") for _, row in read])
    documents = [_document(path, number, row, labels) for number, row in read]
    return {document.song_id: document for document in documents}


def _cells(row: dict[str, str | None], columns: dict[str, str]) -> dict[str, str]:
    """Return the cells of the named columns that exist, by the column's plain name."""
    return {
        plain: (row[name] or "").strip() for name, plain in columns.items() if row[name] is not None
    }


def _labels(tags_of_items: Sequence[str]) -> frozenset[str]:
    """Return the prefixes that stand before a colon in nearly all items.

    There, ``album:17`` names album 17, and is not the tag "album", given 17 times.
    """
    items = [{_split(tag)[0] for tag in tags.split("|")} for tags in tags_of_items if tags]
    counts = Counter(name for names in items for name in names)
    return frozenset(name for name, n in counts.items() if n > max(_LABEL_SHARE * len(items), 1))


def _document(path: Path, number: int, row: dict[str, str], labels: frozenset[str]) -> SongDocument:
    item, name = row.get("item", ""), row.get("name", row.get("title"))
    if not item.isdigit() or name is None:
        raise BadListeningFolder(f"{path}, line {number}: a whole number and a name are needed")
    tags = [tag for column in _TAG_COLUMNS for tag in row.get(column, "").split("|")]
    counted = [_counted(tag.strip(), labels) for tag in tags if tag.strip()]
    others = [column for column in row if column not in _COLUMNS and row[column]]
    counted += [(f"{column} {row[column]}", _PLAIN) for column in others]
    return SongDocument(
        song_id=item,
        title=name,
        artist=row.get("artist", ""),
        tags=tuple(tag for tag, _ in counted),
        tag_weights=tuple(count for _, count in counted),
    )


def _counted(tag: str, labels: frozenset[str]) -> tuple[str, float]:
    """Split ``"trip-hop:43"`` into ``("trip-hop", 43.0)``; a tag without a count gets ten."""
    name, count = _split(tag)
    return (tag, _PLAIN) if count is None or name in labels else (name, count)


def _split(tag: str) -> tuple[str, float | None]:
    """Return a tag's name and count; without a count the whole tag is its name."""
    name, _, count = tag.strip().rpartition(":")
    return (name, float(count)) if name and _COUNT.fullmatch(count) else (tag.strip(), None)
