"""Songs as columns: what the model needs of every song, without an object for each.

Documents come block by block and are dropped again; what stays of a song are some hundred bytes in
arrays. Columns of an earlier build save the work on the text of songs that have not changed.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice
from typing import Self

import numpy as np
from scipy import sparse

from music.recommender.byte_strings import byte_strings
from music.recommender.content import MIN_SONGS_PER_TERM, document_terms
from music.recommender.documents import SongDocument
from music.recommender.facts import UNKNOWN, SongFacts, join_facts, read_facts

BLOCK = 2_000
_SAME_WHATEVER_COMES = np.uint64(0)


@dataclass(frozen=True, slots=True)
class SongRows:
    """Songs in the order in which they were read, one entry of each array per song.

    ``keys`` (int64) are the caller's, ``digests`` (uint64) change with whatever a document is made
    of, ``song_ids`` are byte strings, ``views`` float64; the popularity and the listeners in
    ``facts`` are 0. A song has the next ``sizes`` of ``numbers`` (int32, of terms) and ``weights``.
    """

    keys: np.ndarray
    digests: np.ndarray
    song_ids: np.ndarray
    facts: SongFacts
    views: np.ndarray
    sizes: np.ndarray
    numbers: np.ndarray
    weights: np.ndarray

    def take(self, rows: np.ndarray, keys: np.ndarray) -> Self:
        """Return ``rows`` only, in that order, with other ``keys``."""
        ends = np.cumsum(self.sizes, dtype=np.int64)[rows]
        sizes = self.sizes[rows]
        shifts = np.repeat(ends - np.cumsum(sizes, dtype=np.int64), sizes)
        places = shifts + np.arange(shifts.size)
        return type(self)(
            keys=keys,
            digests=self.digests[rows],
            song_ids=self.song_ids[rows],
            facts=self.facts.take(rows),
            views=self.views[rows],
            sizes=sizes,
            numbers=self.numbers[places],
            weights=self.weights[places],
        )

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """Return the songs of all ``parts``, of which there is at least one."""
        arrays = {
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(cls)
            if field.name != "facts"
        }
        return cls(**arrays, facts=join_facts([part.facts for part in parts]))


@dataclass(frozen=True, slots=True)
class SongColumns:
    """Songs as they were read, the terms by number, and the genres by code."""

    rows: SongRows
    vocabulary: Sequence[str]
    genres: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FittedSongs:
    """Songs as the model is fitted to them, by ascending id, each id once.

    ``terms`` is ``(n_terms, n_songs)`` CSR of float32 with a row for each of ``vocabulary``,
    ascending; the popularity in ``facts`` is not known yet.
    """

    keys: np.ndarray
    song_ids: np.ndarray
    vocabulary: tuple[str, ...]
    terms: sparse.csr_matrix
    facts: SongFacts
    genres: tuple[str, ...]
    views: np.ndarray


class ColumnCollector:
    """Collects songs block by block.

    ``known`` are columns of an earlier time: of a song with a digest that is in them, no document
    is made.
    """

    def __init__(self, known: SongColumns | None = None) -> None:
        self._known = known.rows if known else None
        self._number_of = {term: n for n, term in enumerate(known.vocabulary if known else ())}
        self._genres = known.genres if known else ()
        self._parts: list[SongRows] = []
        self.n_songs = self.n_reused = 0
        if known:
            self._order = np.argsort(known.rows.digests, kind="stable")
            self._sorted = known.rows.digests[self._order]

    def add(
        self, keys: np.ndarray, digests: np.ndarray, make: Callable[[int], SongDocument]
    ) -> None:
        """Add songs; ``make`` returns the document of the one at a place in the arrays."""
        held = self._find_known(digests)
        if self._known is not None and (is_held := held >= 0).any():
            self._parts.append(self._known.take(held[is_held], keys[is_held]))
            self.n_reused += int(is_held.sum())
        new = np.flatnonzero(held < 0)
        if new.size:
            documents = [make(place) for place in new.tolist()]
            self._parts.append(self._read(keys[new], digests[new], documents))
        self.n_songs += keys.size

    def finish(self) -> SongColumns:
        """Return all songs."""
        if not self._parts:
            self._parts.append(self._read(np.empty(0, np.int64), np.empty(0, np.uint64), []))
        rows = SongRows.join(self._parts)
        self._parts, self._known = [], None
        return SongColumns(rows, list(self._number_of), self._genres)

    def _find_known(self, digests: np.ndarray) -> np.ndarray:
        """Return the row of each song in the earlier columns, -1 for a new or changed one."""
        if self._known is None or not self._sorted.size:
            return np.full(digests.size, -1, np.int64)
        at = np.minimum(np.searchsorted(self._sorted, digests), self._sorted.size - 1)
        return np.where(self._sorted[at] == digests, self._order[at], -1)

    def _read(
        self, keys: np.ndarray, digests: np.ndarray, documents: Sequence[SongDocument]
    ) -> SongRows:
        numbers, weights, sizes = array("i"), array("f"), array("i")
        for document in documents:
            terms = document_terms(document)
            numbers.extend(self._number(terms))
            weights.extend(terms.values())
            sizes.append(len(terms))
        facts, self._genres = read_facts(documents, self._genres)
        return SongRows(
            keys=keys,
            digests=digests,
            song_ids=byte_strings([document.song_id for document in documents]),
            facts=facts,
            views=np.array([max(d.view_count or 0, 0) for d in documents], np.float64),
            sizes=np.array(sizes, np.int32),
            numbers=np.array(numbers, np.int32),
            weights=np.array(weights, np.float32),
        )

    def _number(self, terms: Mapping[str, float]) -> list[int]:
        return [self._number_of.setdefault(term, len(self._number_of)) for term in terms]


def collect_documents(documents: Iterable[SongDocument]) -> SongColumns:
    """Return the columns of ``documents``, in their order."""
    collector, left = ColumnCollector(), iter(documents)
    while block := list(islice(left, BLOCK)):
        keys = np.arange(collector.n_songs, collector.n_songs + len(block), dtype=np.int64)
        collector.add(keys, np.full(keys.size, _SAME_WHATEVER_COMES), block.__getitem__)
    return collector.finish()


def arrange_songs(columns: SongColumns) -> FittedSongs:
    """Return songs as the model is fitted to them; of several with one id the last one counts.

    Terms of fewer than ``MIN_SONGS_PER_TERM`` songs are left out.
    """
    rows = columns.rows
    order = np.argsort(rows.song_ids, kind="stable")
    ids = rows.song_ids[order]
    is_last = np.ones(order.size, bool)
    is_last[:-1] = ids[1:] != ids[:-1]
    order = order[is_last]
    facts, genres = _renumber_genres(rows.facts.take(order), columns.genres)
    vocabulary, terms = _arrange_terms(rows, columns.vocabulary, order)
    return FittedSongs(
        keys=rows.keys[order],
        song_ids=rows.song_ids[order],
        vocabulary=vocabulary,
        terms=terms,
        facts=facts,
        genres=genres,
        views=rows.views[order],
    )


def _arrange_terms(
    rows: SongRows, vocabulary: Sequence[str], order: np.ndarray
) -> tuple[tuple[str, ...], sparse.csr_matrix]:
    starts = np.concatenate([[0], np.cumsum(rows.sizes, dtype=np.int64)])
    shape = (rows.sizes.size, len(vocabulary))
    matrix = sparse.csr_matrix((rows.weights, rows.numbers, starts), shape=shape)
    matrix = matrix[order].T.tocsr()
    names = np.array(list(vocabulary), dtype=object)
    kept = np.flatnonzero(np.diff(matrix.indptr) >= MIN_SONGS_PER_TERM)
    kept = kept[np.argsort(names[kept], kind="stable")]
    matrix = matrix[kept]
    matrix.sort_indices()
    return tuple(names[kept].tolist()), matrix


def _renumber_genres(
    facts: SongFacts, genres: tuple[str, ...]
) -> tuple[SongFacts, tuple[str, ...]]:
    """Return ``facts`` with codes in the order in which songs first have them, and the genres."""
    known = facts.genre != UNKNOWN
    codes, first = np.unique(facts.genre[known], return_index=True)
    codes = codes[np.argsort(first, kind="stable")]
    code_of = np.full(len(genres), UNKNOWN, np.int32)
    code_of[codes] = np.arange(codes.size, dtype=np.int32)
    genre = facts.genre.copy()
    genre[known] = code_of[genre[known]]
    return replace(facts, genre=genre), tuple(genres[code] for code in codes.tolist())
