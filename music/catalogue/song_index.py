"""An index of the names of the database's songs by character trigrams.

In a site with many songs, most of it is a file that one process of the machine writes and all of
them map (``name_file.py``, ``name_keeping.py``). Each process keeps only the songs that were
written since, which it reads before every use (one cheap query on an index). It only proposes
songs: they are read from the database again, so that a deleted song is never an answer.
"""

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from music.models import Song
from music.names.aliases import AliasBook, NothingKnown
from music.names.matching import Candidate
from tunetrace_site.replication.prepared import PreparedQuery
from tunetrace_site.replication.replica_reads import on_primary

from . import name_keeping
from .name_file import NameFile, write_text
from .ngrams import TrigramIndex

MAX_SEGMENTS = 6
MERGE_ALL_SHARE = 4
"""All segments are merged when a quarter of the songs is in small ones."""
MAX_KEPT = 32
"""How many answers are kept, of up to a hundred songs each."""
LOOK_EVERY_SECONDS = 1.0
"""How often a process looks for a newer file."""
_COLUMNS = ("address", "artist", "title", "aliases", "popularity", "updated_at")
_CHANGED = PreparedQuery(
    Song, lambda since: Song.objects.filter(updated_at__gte=since).values_list(*_COLUMNS)
)

_Found = tuple[NDArray[np.int64], NDArray[np.float64]]
_Look = Callable[[TrigramIndex], _Found]


@dataclass(frozen=True, slots=True)
class _Segment:
    """Songs that are not in the file."""

    trigrams: TrigramIndex
    candidates: tuple[Candidate, ...]


class _Names:
    """The known songs, in ``file`` and in memory.

    ``fresh`` holds the songs that were added or changed after the file was written, by address;
    they take precedence over the file. ``n_new`` of them are not in the file at all.
    """

    def __init__(self, file: NameFile | None = None) -> None:
        self.file = file
        self.alias_book = AliasBook(file or NothingKnown())
        self.segments: tuple[_Segment, ...] = ()
        self.fresh: dict[str, Candidate] = {}
        self.n_new = 0
        self.words: set[str] = set()
        self.changed_since: datetime | None = file.began_at - name_keeping.OVERLAP if file else None
        self.read_at: dict[str, datetime] = {}
        self._kept: dict[Hashable, tuple[tuple[_Segment, ...], list[Candidate]]] = {}

    def find_known(self, song_id: str) -> Candidate | None:
        """Return the song with this address in its newest state."""
        return self.fresh.get(song_id) or (self.file.find(song_id) if self.file else None)

    def find(self, asked: Hashable, look: _Look, n: int) -> list[Candidate]:
        """Return the best songs that ``look`` finds, each in its newest state.

        What was ``asked`` last is kept until a song changes: one request asks the same up to four
        times.
        """
        segments = self.segments
        known, found = self._kept.get(asked, (None, []))
        if known is not segments:
            found = self._merge(look, n)
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[asked] = (segments, found)
        return found

    def _merge(self, look: _Look, n: int) -> list[Candidate]:
        best: list[tuple[float, Candidate]] = []
        if self.file:
            best += self._read_unchanged(self.file, look, n)
        for segment in self.segments:
            for place, score in zip(*look(segment.trigrams), strict=True):
                candidate = segment.candidates[place]
                is_newest = self.fresh.get(candidate.song_id) is candidate
                if is_newest:
                    best.append((float(score), candidate))
        best.sort(key=lambda pair: (-pair[0], -pair[1].popularity))
        return [candidate for _, candidate in best[:n]]

    def _read_unchanged(
        self, file: NameFile, look: _Look, n: int
    ) -> Iterator[tuple[float, Candidate]]:
        """Yield the best ``n`` songs of the file that have not changed since, with their scores.

        Of equals the best known are first there, so that no other one has to be read.
        """
        for place, score in zip(*look(file.trigrams), strict=True):
            candidate = file.read(place)
            if candidate.song_id not in self.fresh:
                yield float(score), candidate
                n -= 1
            if n < 1:
                return


class StoredSongs:
    """The songs of the database as candidates for a name. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names = _Names()
        self._version: str | None = None
        self._looked_at = 0.0
        self._is_loaded = False

    def find(self, text: str, n: int) -> list[Candidate]:
        """Return the ``n`` songs whose artist and title look most like ``text``, best first."""
        return self._names.find(("alike", text, n), lambda trigrams: trigrams.find(text, n), n)

    def find_containing(self, text: str, n: int) -> list[Candidate]:
        """Return the ``n`` songs that hold most of ``text``; of equals the best known first."""
        asked = ("containing", text, n)
        return self._names.find(asked, lambda trigrams: trigrams.find_containing(text, 4 * n), n)

    def is_word(self, word: str) -> bool:
        """Return whether a song's title has this word."""
        names = self._names
        return word in names.words or bool(names.file and names.file.is_word(word))

    @property
    def alias_book(self) -> AliasBook:
        """What is known of the aliases of all songs."""
        return self._names.alias_book

    def refresh(self) -> None:
        """Read the rows written since the last call: one query."""
        if not self._lock.acquire(blocking=not self._is_loaded):
            return  # another thread refreshes: the songs known so far will do
        try:
            with on_primary():  # only what was written since is read ever again
                self._look_for_file()
                self._take_changes(self._names)
            self._is_loaded = True
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Load everything again at the next refresh."""
        with self._lock:
            self._names, self._looked_at, self._is_loaded = _Names(), 0.0, False

    def __len__(self) -> int:
        names = self._names
        return (names.file.n_songs if names.file else 0) + names.n_new

    @property
    def n_fresh(self) -> int:
        """The number of songs that this process keeps in its own memory."""
        return len(self._names.fresh)

    def _look_for_file(self) -> None:
        """Load the newest file; write it if no other process seems to do so."""
        now = time.monotonic()
        if self._is_loaded and now - self._looked_at < LOOK_EVERY_SECONDS:
            return
        self._looked_at = now
        if self._is_loaded and name_keeping.is_too_much(self.n_fresh, len(self)):
            name_keeping.write_beside_others()
        if not self._is_loaded or name_keeping.find_version() != self._version:
            self._names = _Names(name_keeping.find_or_write())
            self._version = name_keeping.find_version()

    def _take_changes(self, names: _Names) -> None:
        began_at = timezone.now()
        _add(names, _read_changes(names))
        names.changed_since = began_at - name_keeping.OVERLAP


def _read_changes(names: _Names) -> list[Candidate]:
    rows: Iterable[tuple[Any, ...]]
    if names.changed_since is None:
        rows = Song.objects.best_known_first().values_list(*_COLUMNS).iterator(chunk_size=5000)
    else:
        rows = _CHANGED.fetch(names.changed_since)
    read = _leave_out_read(names, rows)
    known = {row[0]: names.find_known(row[0]) for row in read}
    for song_id, artist, _, aliases, _ in read:
        if known[song_id] is None:
            names.alias_book.learn(artist, aliases)
    candidates = (names.alias_book.make_candidate(*row) for row in read)
    return [c for c in candidates if known[c.song_id] != c]


def _leave_out_read(names: _Names, rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return ``rows`` without their last column, and without those read by the last refresh."""
    before, names.read_at = names.read_at, {}
    unread = []
    for *columns, updated_at in rows:
        song_id = columns[0]
        names.read_at[song_id] = updated_at
        if before.get(song_id) != updated_at:
            unread.append(tuple(columns))
    return unread


def _add(names: _Names, changes: Iterable[Candidate]) -> None:
    added = {candidate.song_id: candidate for candidate in changes}
    if not added:
        return
    names.n_new += sum(names.find_known(song_id) is None for song_id in added)
    names.words.update(w for c in added.values() for t in c.titles[:1] for w in t.split())
    names.fresh |= added
    names.segments = _merge_small(names, (*names.segments, _build(tuple(added.values()))))


def _merge_small(names: _Names, segments: tuple[_Segment, ...]) -> tuple[_Segment, ...]:
    """Merge the small segments into one, and all segments when that one is large."""
    if len(segments) <= MAX_SEGMENTS:
        return segments
    large, *small = segments
    merged = tuple(c for s in small for c in s.candidates if names.fresh[c.song_id] is c)
    if len(merged) * MERGE_ALL_SHARE > len(large.candidates):
        return (_build(tuple(names.fresh.values())),)
    return (large, _build(merged))


def _build(candidates: tuple[Candidate, ...]) -> _Segment:
    return _Segment(TrigramIndex.of([write_text(c) for c in candidates]), candidates)


songs = StoredSongs()
"""The index of this process."""
