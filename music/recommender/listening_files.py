"""Folders of listening data: ``train.txt``, ``test.txt``, perhaps ``valid.txt`` and ``items.csv``.

A line of the ``.txt`` files is a listener and the songs they like, separated by spaces.
``items.csv`` has the columns ``item,name,tags``, tags as ``tag:count`` joined by bars.
"""

import csv
from dataclasses import dataclass, replace
from pathlib import Path

from music.recommender.documents import SongDocument

Likes = dict[str, tuple[str, ...]]
"""The songs of each listener, both by id."""


class BadListeningFolder(Exception):
    """A file is missing or a line cannot be read; the message names both."""


@dataclass(frozen=True, slots=True)
class ListeningSet:
    """One data set. ``valid`` is empty when the folder has none; ``documents`` covers every song
    of any file, with text where ``items.csv`` has some.
    """

    train: Likes
    valid: Likes
    test: Likes
    documents: tuple[SongDocument, ...]

    def without_text(self) -> "ListeningSet":
        """The same likes of songs of which nothing but the id is known."""
        bare = tuple(SongDocument(d.song_id, title="", artist="") for d in self.documents)
        return replace(self, documents=bare)


def read_listening_folder(folder: Path) -> ListeningSet:
    """Read ``folder``; raises ``BadListeningFolder``."""
    if not folder.is_dir():
        raise BadListeningFolder(f"{folder} is not a folder")
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
        with path.open(encoding="utf-8") as lines:
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
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if not {"item", "name"} <= set(rows.fieldnames or ()):
                raise BadListeningFolder(f"{path}: the columns item and name are needed")
            return {row["item"].strip(): _document(path, rows.line_num, row) for row in rows}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadListeningFolder(f"{path} cannot be read: {error}") from error


def _document(path: Path, number: int, row: dict[str, str | None]) -> SongDocument:
    item, name = (row["item"] or "").strip(), row["name"]
    if not item.isdigit() or name is None:
        raise BadListeningFolder(f"{path}, line {number}: a whole number and a name are needed")
    counted = [_counted(tag) for tag in (row.get("tags") or "").split("|") if tag.strip()]
    return SongDocument(
        song_id=item,
        title=name,
        artist="",
        tags=tuple(tag for tag, _ in counted),
        tag_weights=tuple(count for _, count in counted),
    )


def _counted(tag: str) -> tuple[str, float]:
    """``"trip-hop:43"`` -> ``("trip-hop", 43.0)``; a tag without a count is counted ten times."""
    name, _, count = tag.rpartition(":")
    return (name, float(count)) if name and count.isdigit() else (tag, 10.0)
