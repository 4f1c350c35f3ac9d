"""An in-process index of the database's songs by character trigrams.

It answers in about a millisecond at 100,000 songs, and before every use it reads the rows written
since (one cheap query on an index). It only proposes songs: they are read from the database again,
so that a deleted song is never an answer.
"""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from music.models import Song
from music.names.aliases import AliasBook
from music.names.matching import Candidate

from .ngrams import TrigramIndex

MAX_SONGS = 300_000
"""At most this many songs are indexed, the best known first: about 250 MB."""
MAX_SEGMENTS = 6
MERGE_ALL_SHARE = 4
"""Everything is built anew when one song in this many is newer than the last full build."""
OVERLAP = timedelta(seconds=5)
"""A row may be committed this long after the time written in it."""
COUNT_EVERY_SECONDS = 30.0
_COLUMNS = ("address", "artist", "title", "aliases", "popularity", "updated_at")


@dataclass(frozen=True, slots=True)
class _Segment:
    trigrams: TrigramIndex
    candidates: tuple[Candidate, ...]


class StoredSongs:
    """The songs of the database as candidates for a name. Safe to use from many threads."""

    _changed_since: datetime | None

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget()

    def find(self, text: str, n: int) -> list[Candidate]:
        """Return the ``n`` songs whose artist and title look most like ``text``, best first."""
        segments = self._segments
        found = (s.trigrams.find(text, n) for s in segments)
        return self._merge(zip(segments, found, strict=True), n)

    def find_containing(self, text: str, n: int) -> list[Candidate]:
        """Return the ``n`` songs that hold most of ``text``; of equals the best known first."""
        segments = self._segments
        found = (s.trigrams.find_containing(text, 4 * n) for s in segments)
        return self._merge(zip(segments, found, strict=True), n)

    def is_word(self, word: str) -> bool:
        """Return whether a song's title has this word."""
        return word in self._words

    def refresh(self) -> None:
        """Read the rows written since the last call. One query, or two every half minute."""
        if not self._lock.acquire(blocking=not self._segments):
            return  # another thread refreshes: the songs known so far will do
        try:
            began_at = timezone.now()
            self._apply(self._read_changes())
            self._changed_since = began_at - OVERLAP
            if time.monotonic() - self._counted_at > COUNT_EVERY_SECONDS:
                self._recount()
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Read everything again at the next refresh."""
        with self._lock:
            self._forget()

    def __len__(self) -> int:
        return len(self._known)

    @property
    def n_bytes(self) -> int:
        """The memory of the index arrays, without the songs' texts."""
        return sum(segment.trigrams.n_bytes for segment in self._segments)

    def _forget(self) -> None:
        self.alias_book = AliasBook()
        self._segments: tuple[_Segment, ...] = ()
        self._known: dict[str, Candidate] = {}
        self._words: set[str] = set()
        self._changed_since = None
        self._read_at: dict[str, datetime] = {}
        self._counted_at = time.monotonic()

    def _read_changes(self) -> list[Candidate]:
        songs = Song.objects.all()
        if self._changed_since is None:
            songs = songs.best_known_first()[:MAX_SONGS]
        else:
            songs = songs.filter(updated_at__gte=self._changed_since)
        rows = songs.values_list(*_COLUMNS)
        read = self._leave_out_read(rows.iterator(chunk_size=5000))
        for song_id, artist, _, aliases, _ in read:
            if song_id not in self._known:
                self.alias_book.learn(artist, aliases)
        candidates = (self.alias_book.make_candidate(*row) for row in read)
        return [c for c in candidates if self._known.get(c.song_id) != c]

    def _leave_out_read(self, rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Return ``rows`` without their last column, and without those read by the last refresh."""
        before, self._read_at = self._read_at, {}
        fresh = []
        for *columns, updated_at in rows:
            song_id = columns[0]
            self._read_at[song_id] = updated_at
            if before.get(song_id) != updated_at:
                fresh.append(tuple(columns))
        return fresh

    def _apply(self, changes: Iterable[Candidate]) -> None:
        fresh = {candidate.song_id: candidate for candidate in changes}
        if not fresh or len(self._known) + len(fresh) > 2 * MAX_SONGS:
            return
        self._known.update(fresh)
        for candidate in fresh.values():
            self._words.update(*(title.split() for title in candidate.titles[:1]))
        self._segments = self._merge_small((*self._segments, _build(tuple(fresh.values()))))

    def _merge_small(self, segments: tuple[_Segment, ...]) -> tuple[_Segment, ...]:
        """Merge the small segments into one, and all segments when that one is large."""
        if len(segments) <= MAX_SEGMENTS:
            return segments
        large, *small = segments
        merged = tuple(c for s in small for c in s.candidates if self._known[c.song_id] is c)
        if len(merged) * MERGE_ALL_SHARE > len(large.candidates):
            return (_build(tuple(self._known.values())),)
        return (large, _build(merged))

    def _recount(self) -> None:
        """Find rows that came another way (copied from the other database, deleted) by counting."""
        self._counted_at = time.monotonic()
        n_rows = Song.objects.count()
        if min(n_rows, MAX_SONGS) != min(len(self._known), MAX_SONGS):
            self._forget()
            self._apply(self._read_changes())

    def _merge(
        self,
        found: Iterable[tuple[_Segment, tuple[NDArray[np.int64], NDArray[np.float64]]]],
        n: int,
    ) -> list[Candidate]:
        """Return the best of several segments; of a song that changed, the newest state counts."""
        best: dict[str, tuple[float, Candidate]] = {}
        for segment, (places, scores) in found:
            for place, score in zip(places, scores, strict=True):
                candidate = segment.candidates[place]
                song_id, scored = candidate.song_id, (float(score), candidate)
                if self._known.get(song_id) is candidate:
                    best[song_id] = scored
        ordered = sorted(best.values(), key=lambda pair: (-pair[0], -pair[1].popularity))
        return [candidate for _, candidate in ordered[:n]]


def _build(candidates: tuple[Candidate, ...]) -> _Segment:
    return _Segment(TrigramIndex([_write_text(c) for c in candidates]), candidates)


def _write_text(candidate: Candidate) -> str:
    """Return all texts of a song as one; titles that begin another title are left out."""
    whole, *others = candidate.titles or ("",)
    titles = (title for title in others if not whole.startswith(title))
    return " ".join(dict.fromkeys((*candidate.artists, whole, *titles)))


songs = StoredSongs()
"""The index of this process."""
