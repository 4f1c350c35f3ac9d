"""The names of all stored songs in a file that one process writes and all of a machine map.

The file holds arrays. The kernel keeps their pages in memory once for all processes, and drops
them when memory is short.
"""

import hashlib
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

import music.names
from music.names.aliases import AliasBook
from music.names.matching import Candidate
from tunetrace_site.machine.array_files import (
    SnapshotCorrupt,
    StoredArrays,
    load_arrays,
    save_arrays,
)
from tunetrace_site.machine.files import digest_files

from .ngrams import Pairs, TrigramIndex, find_pairs

FORMAT = 2
"""Raised whenever the arrays change their meaning: a file of another format is not used."""
BLOCK = 20_000
"""How many songs are in memory at a time while a file is written."""
_BETWEEN_NAMES = "\x1f"
_TRIGRAM_ARRAYS = ("trigrams", "starts", "texts", "weights", "totals")


class NameFile:
    """A mapped file of song names.

    Its songs are numbered from 0, the best known first. ``began_at`` is when the writer began to
    read them from the database.
    """

    def __init__(self, stored: StoredArrays) -> None:
        arrays = stored.arrays
        self.version = stored.version
        self.began_at = datetime.fromisoformat(stored.facts["began_at"])
        self.trigrams = TrigramIndex(*(arrays[name] for name in _TRIGRAM_ARRAYS))
        self._lines = arrays["lines"].data
        self._line_starts = arrays["line_starts"].data
        self._ids = arrays["ids"].data
        self._places_by_id = arrays["places_by_id"].data
        self._words = arrays["words"].data
        self._artists = arrays["artists"].data
        self._listed = arrays["listed"].data
        self._n_listed = arrays["n_listed"].data

    @property
    def n_songs(self) -> int:
        """The number of songs in the file."""
        return self.trigrams.n_texts

    def read(self, place: int) -> Candidate:
        """Return the song with the number ``place``."""
        line = self._lines[self._line_starts[place] : self._line_starts[place + 1]]
        song_id, popularity, artists, titles = str(line, "utf-8").split("\t")
        return Candidate(song_id, _split(artists), _split(titles), int(popularity))

    def find(self, song_id: str) -> Candidate | None:
        """Return the song with the address ``song_id``, or None."""
        wanted = _hash(song_id)
        place = bisect_left(self._ids, wanted)
        while place < len(self._ids) and self._ids[place] == wanted:
            candidate = self.read(self._places_by_id[place])
            if candidate.song_id == song_id:
                return candidate
            place += 1
        return None

    def is_word(self, word: str) -> bool:
        """Return whether a song's title has this word."""
        return _find(self._words, word) is not None

    def is_artist(self, key: str) -> bool:
        """Return whether an artist of a song has the name ``key``."""
        return _find(self._artists, key) is not None

    def count_listed(self, artist: str, alias: str) -> int:
        """Return how many songs of an artist list an alias (both are keys)."""
        place = _find(self._listed, _join(artist, alias))
        return 0 if place is None else self._n_listed[place]


def load_name_file(folder: Path) -> NameFile:
    """Load the newest file in ``folder``.

    Raises ``SnapshotMissing`` if there is none and ``SnapshotCorrupt`` if it is damaged.
    """
    stored = load_arrays(folder, format_number=FORMAT)
    try:
        return NameFile(stored)
    except (KeyError, TypeError, ValueError) as error:
        raise SnapshotCorrupt(f"{folder / stored.version} lacks {error}") from error


def save_name_file(
    folder: Path, candidates: Iterable[Candidate], book: AliasBook, began_at: datetime
) -> int:
    """Write a file of ``candidates`` that replaces the old one; return the number of songs.

    ``book`` has learnt all of them. Raises ``OSError`` if the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".parts-", dir=folder) as scratch:
        writer = _Writer(Path(scratch))
        for block in _blocks(iter(candidates)):
            writer.add(block)
        arrays = writer.finish(book)
        facts = {"began_at": began_at.isoformat()}
        save_arrays(folder, uuid4().hex, arrays, facts=facts, format_number=FORMAT)
    return writer.n_songs


class _Writer:
    """Collects the arrays block by block; trigrams of earlier blocks are in ``scratch``."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self.n_songs = 0
        self._parts: list[Pairs] = []
        self._lines: list[bytes] = []
        self._lengths: list[NDArray[np.int64]] = []
        self._ids: list[NDArray[np.uint64]] = []
        self._words = np.empty(0, np.uint64)

    def add(self, block: Sequence[Candidate]) -> None:
        """Add the next songs."""
        lines = [_write_line(candidate) for candidate in block]
        words = {w for c in block for title in c.titles[:1] for w in title.split()}
        self._parts.append(
            self._put_aside(find_pairs([write_text(c) for c in block], self.n_songs))
        )
        self._lines.append(b"".join(lines))
        self._lengths.append(np.fromiter(map(len, lines), np.int64, len(lines)))
        self._ids.append(_hash_all(candidate.song_id for candidate in block))
        self._words = np.union1d(self._words, _hash_all(words))
        self.n_songs += len(block)

    def finish(self, book: AliasBook) -> dict[str, NDArray[Any]]:
        """Return all arrays by name."""
        trigrams = TrigramIndex.merge(self._parts or [find_pairs([])], self.n_songs)
        ids = np.concatenate([_hash_all(()), *self._ids])
        order = np.argsort(ids, kind="stable")
        listed = _hash_all(_join(*pair) for pair in book.listed)
        by_hash = np.argsort(listed)
        counts = np.fromiter(book.listed.values(), np.int32, len(listed))
        return {name: getattr(trigrams, name) for name in _TRIGRAM_ARRAYS} | {
            "lines": np.frombuffer(b"".join(self._lines), np.uint8),
            "line_starts": np.cumsum(np.concatenate([np.zeros(1, np.int64), *self._lengths])),
            "ids": ids[order],
            "places_by_id": order.astype(np.int32),
            "words": self._words,
            "artists": np.sort(_hash_all(book.artists)),
            "listed": listed[by_hash],
            "n_listed": counts[by_hash],
        }

    def _put_aside(self, pairs: Pairs) -> Pairs:
        mapped = []
        for name, array in pairs._asdict().items():
            path = self._scratch / f"{name}-{self.n_songs}.npy"
            np.save(path, array, allow_pickle=False)
            mapped.append(np.load(path, mmap_mode="r" if len(array) else None))
        return Pairs(*mapped)


def write_text(candidate: Candidate) -> str:
    """Return all texts of a song as one; titles that begin another title are left out."""
    whole, *others = candidate.titles or ("",)
    titles = (title for title in others if not whole.startswith(title))
    return " ".join(dict.fromkeys((*candidate.artists, whole, *titles)))


@cache
def find_reading() -> str:
    """Return a name for the way names are read, which differs when code or word lists differ."""
    return digest_files([Path(music.names.__file__).parent], bytes([FORMAT]))


def _write_line(candidate: Candidate) -> bytes:
    """Return a song's line: tabs between its parts, and a sign of its own between several names.

    Addresses and keys hold neither. A search reads a hundred lines, a list thousands; JSON would
    take three times as long.
    """
    names = (_BETWEEN_NAMES.join(keys) for keys in (candidate.artists, candidate.titles))
    return "\t".join((candidate.song_id, str(candidate.popularity), *names)).encode()


def _split(names: str) -> tuple[str, ...]:
    return tuple(names.split(_BETWEEN_NAMES)) if names else ()


def _blocks(candidates: Iterator[Candidate]) -> Iterator[list[Candidate]]:
    while block := list(islice(candidates, BLOCK)):
        yield block


def _join(artist: str, alias: str) -> str:
    """Join two keys by a line break, which no key contains."""
    return f"{artist}\n{alias}"


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def _hash_all(texts: Iterable[str]) -> NDArray[np.uint64]:
    return np.fromiter(map(_hash, texts), np.uint64)


def _find(hashes: memoryview, text: str) -> int | None:
    """Return the place of ``text`` in sorted 64-bit hashes, or None if it is not there."""
    wanted = _hash(text)
    place = bisect_left(hashes, wanted)
    return place if place < len(hashes) and hashes[place] == wanted else None
