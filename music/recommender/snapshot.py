"""A fitted model: built from documents and interactions, saved, loaded, memory-mapped."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from music.recommender.byte_strings import byte_strings, find_sorted
from music.recommender.collective_ease import (
    CollectiveModel,
    ModelSettings,
    TermWeights,
    factorise,
    weigh,
    weigh_cold,
    weigh_terms,
)
from music.recommender.documents import SongDocument
from music.recommender.facts import SongFacts, with_listeners
from music.recommender.interactions import Interaction, interaction_matrix
from music.recommender.list_building import build_lists
from music.recommender.neighbours import NeighbourLists, RowSets
from music.recommender.song_columns import (
    FittedSongs,
    arrange_songs,
    collect_documents,
)
from music.recommender.tuning import with_best_ridge

PLACING_RANK = 256
"""How many factors are kept, at most, for placing songs that are newer than the snapshot."""

Progress = Callable[[str, int, int], None]
"""Called with (what is being done, steps done, steps in all)."""


@dataclass(frozen=True, slots=True)
class Placing:
    """The data that place a song newer than the fit, by its terms.

    Its factors are the sum of its terms' weights times ``scale`` times ``term_factors`` ``(n_terms,
    rank)``; song i gives it ``lift * seed_weights[i] * song_factors[i] @ factors``. As a seed it
    counts ``seed_weight``. Factors are float16, ``seed_weights`` float32.
    """

    song_factors: np.ndarray
    term_factors: np.ndarray
    seed_weights: np.ndarray
    scale: float
    lift: float
    seed_weight: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a request needs. Arrays may be memory-mapped and are never written to.

    ``song_ids`` and ``terms`` are sorted UTF-8 byte strings; row i everywhere is song i of
    ``song_ids``. ``neighbours`` holds a list for every song, then one for every term, and then
    every song's cold list, for listeners of whom little is known. ``holders`` are the songs that
    have each term, ``likers`` the listeners who like each song, by numbers that do not identify
    them.
    """

    version: str
    song_ids: np.ndarray
    terms: np.ndarray
    genres: tuple[str, ...]
    facts: SongFacts
    neighbours: NeighbourLists
    placing: Placing
    popular: np.ndarray
    holders: RowSets
    likers: RowSets

    @property
    def n_songs(self) -> int:
        """The number of songs in the snapshot."""
        return self.song_ids.size

    @property
    def first_cold_list(self) -> int:
        """The index of the songs' first cold list in ``neighbours``."""
        return self.n_songs + self.terms.size

    def rows_of(self, song_ids: Sequence[str]) -> np.ndarray:
        """Return the row of each id, -1 for a song that the snapshot does not know; int64."""
        return find_sorted(self.song_ids, song_ids)

    def ids_of(self, rows: np.ndarray) -> list[str]:
        """Return the ids of ``rows``."""
        return [song_id.decode() for song_id in self.song_ids[rows].tolist()]


def build_snapshot(
    documents: Iterable[SongDocument],
    interactions: Iterable[Interaction],
    *,
    settings: ModelSettings | None = None,
    progress: Progress | None = None,
) -> Snapshot:
    """Fit everything. Equal input, in any order, gives an equal snapshot with an equal version.

    Of documents with the same id the last one counts. Interactions with songs that have no document
    are left out.
    """
    songs = arrange_songs(collect_documents(documents))
    row_of = {song_id.decode(): row for row, song_id in enumerate(songs.song_ids.tolist())}
    likes = interaction_matrix(interactions, row_of)
    return fit_snapshot(songs, likes, settings=settings, progress=progress)


def fit_snapshot(
    songs: FittedSongs,
    likes: sparse.csr_matrix,
    *,
    settings: ModelSettings | None = None,
    progress: Progress | None = None,
    scratch: Path | None = None,
) -> Snapshot:
    """Fit everything to ``songs`` and ``likes``, ``(n_listeners, n_songs)``.

    With a ``scratch`` folder the neighbour lists, the largest part by far, are written to files
    there, from which they are mapped; the caller deletes them when the snapshot is saved.
    """

    def show(what: str, n_done: int, n_total: int) -> None:
        if progress:
            progress(what, n_done, n_total)

    show("choosing the ridge", 0, 1)
    settings = with_best_ridge(likes, songs.terms, settings or ModelSettings())
    factors = factorise(likes, songs.terms, settings, lambda done, n: show("factors", done, n))
    warm = weigh(factors, factors.ridge)
    of_terms = weigh_terms(warm)
    neighbours, seed_weights = build_lists(
        warm,
        weigh_cold(factors, songs.views, settings),
        of_terms,
        settings.seed_norm_exponent,
        lambda done, n: show("neighbours", done, n),
        scratch,
    )
    n_listeners = np.bincount(likes.indices, minlength=songs.song_ids.size)
    facts = with_listeners(songs.facts, n_listeners, songs.views)
    placing = _placing(warm, of_terms, seed_weights)
    sets = RowSets.of_matrix(songs.terms), RowSets.of_matrix(likes.T.tocsr())
    return _assemble(songs, facts, neighbours, placing, *sets)


def _placing(model: CollectiveModel, of_terms: TermWeights, seed_weights: np.ndarray) -> Placing:
    return Placing(
        song_factors=model.factors.right[:, :PLACING_RANK].astype(np.float16),
        term_factors=of_terms.factors[:, :PLACING_RANK].astype(np.float16),
        seed_weights=seed_weights,
        scale=model.factors.unseen_scale,
        lift=model.factors.unseen_lift,
        seed_weight=float(np.median(seed_weights)) if seed_weights.size else 1.0,
    )


def _assemble(
    songs: FittedSongs,
    facts: SongFacts,
    neighbours: NeighbourLists,
    placing: Placing,
    holders: RowSets,
    likers: RowSets,
) -> Snapshot:
    song_ids = songs.song_ids
    popular = np.argsort(-facts.popularity, kind="stable").astype(np.int32)
    digest = hashlib.sha256()
    lists = (neighbours.indices, neighbours.levels, neighbours.scales)
    for array in (song_ids, *lists, facts.popularity, facts.genre, holders.rows, likers.rows):
        digest.update(np.ascontiguousarray(array).view(np.uint8).data)
    return Snapshot(
        version=digest.hexdigest()[:16],
        song_ids=song_ids,
        terms=byte_strings(songs.vocabulary),
        genres=songs.genres,
        facts=facts,
        neighbours=neighbours,
        placing=placing,
        popular=popular,
        holders=holders,
        likers=likers,
    )
