"""A fitted model: built from documents and interactions, saved, loaded, memory-mapped."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from music.recommender.collective import CollectiveModel, ModelSettings, fit_collective
from music.recommender.content import build_vocabulary, document_terms, term_matrix
from music.recommender.documents import SongDocument
from music.recommender.facts import SongFacts, build_facts
from music.recommender.interactions import Interaction, interaction_matrix
from music.recommender.neighbours import NeighbourLists, build_neighbours

LIST_LENGTH = 400
TERM_LIST_LENGTH = 200
FACTOR_RANK = 128
"""How many factors are kept for placing new songs."""

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, steps done, steps in all)."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a request needs. Arrays may be memory-mapped and are never written to.

    ``song_ids`` and ``terms`` are sorted UTF-8 byte strings; row i everywhere is song i of
    ``song_ids``. ``neighbours`` holds a list for every song and, behind them, for every term.
    """

    version: str
    song_ids: np.ndarray
    terms: np.ndarray
    genres: tuple[str, ...]
    facts: SongFacts
    neighbours: NeighbourLists
    model: CollectiveModel
    popular: np.ndarray

    @property
    def n_songs(self) -> int:
        """How many songs the snapshot knows."""
        return self.song_ids.size

    def rows_of(self, song_ids: Sequence[str]) -> np.ndarray:
        """The row of each id, -1 for a song that the snapshot does not know; int64."""
        return find_sorted(self.song_ids, song_ids)

    def ids_of(self, rows: np.ndarray) -> list[str]:
        """The ids of ``rows``."""
        return [song_id.decode() for song_id in self.song_ids[rows].tolist()]


def find_sorted(held: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """Where each of ``texts`` stands in ``held`` (sorted byte strings); -1 where it does not."""
    if held.size == 0 or not texts:
        return np.full(len(texts), -1, np.int64)
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    sought = np.array(encoded, dtype=f"S{max(held.itemsize, *map(len, encoded))}")
    at = np.minimum(np.searchsorted(held, sought), held.size - 1)
    return np.where(held[at] == sought, at, -1)


def build_snapshot(
    documents: Iterable[SongDocument],
    interactions: Iterable[Interaction],
    *,
    settings: ModelSettings | None = None,
    progress: Progress | None = None,
) -> Snapshot:
    """Fit everything. Equal input, in any order, gives an equal snapshot with an equal version.

    Of documents with the same id the last one counts. Interactions with songs that have no
    document are left out.
    """
    settings = settings or ModelSettings()
    by_id = {document.song_id: document for document in documents}
    ordered = [by_id[song_id] for song_id in sorted(by_id)]
    likes = interaction_matrix(interactions, {d.song_id: i for i, d in enumerate(ordered)})
    term_sets = [document_terms(document) for document in ordered]
    vocabulary = build_vocabulary(term_sets)
    terms = term_matrix(term_sets, {term: row for row, term in enumerate(vocabulary)})
    if progress:
        progress("fitting", 0, 1)
    model = fit_collective(likes, terms, settings)
    neighbours = build_neighbours(
        model,
        LIST_LENGTH,
        TERM_LIST_LENGTH,
        lambda done, total: progress and progress("neighbours", done, total),
    )
    facts, genres = build_facts(ordered, np.diff(likes.tocsc().indptr))
    return _assemble(ordered, vocabulary, genres, facts, neighbours, model)


def _assemble(
    documents: Sequence[SongDocument],
    vocabulary: Sequence[str],
    genres: tuple[str, ...],
    facts: SongFacts,
    neighbours: NeighbourLists,
    model: CollectiveModel,
) -> Snapshot:
    song_ids = byte_strings([document.song_id for document in documents])
    popular = np.argsort(-facts.popularity, kind="stable").astype(np.int32)
    digest = hashlib.sha256()
    for array in (song_ids, neighbours.indices, neighbours.weights, facts.popularity, facts.genre):
        digest.update(np.ascontiguousarray(array).tobytes())
    return Snapshot(
        version=digest.hexdigest()[:16],
        song_ids=song_ids,
        terms=byte_strings(vocabulary),
        genres=genres,
        facts=facts,
        neighbours=neighbours,
        model=model.truncated(FACTOR_RANK),
        popular=popular,
    )


def byte_strings(texts: Sequence[str]) -> np.ndarray:
    """``texts`` as a numpy array of UTF-8 byte strings."""
    return np.array([text.encode("utf-8", "surrogatepass") for text in texts], dtype="S")
