"""Candidate generation: every song that the seeds speak for, with its score."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from music.recommender.content import document_terms
from music.recommender.documents import SongDocument
from music.recommender.snapshot import Snapshot, find_sorted
from music.recommender.versions import work_key

DISMISSAL_WEIGHT = 0.3
"""A dismissal pushes its neighbours down by this part of what a like would lift them."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A song that starts a request: a like, or a dismissal; weight 1.0 is a plain one."""

    song_id: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class SeedLists:
    """The seeds of one request as rows of the neighbour lists.

    Parallel arrays: list ``rows[k]`` counts ``weights[k]`` times and belongs to the seed
    ``seed[k]``; the dismissals are numbered behind the likes.
    """

    rows: np.ndarray
    weights: np.ndarray
    seed: np.ndarray


@dataclass(frozen=True, slots=True)
class Candidates:
    """``rows`` (n,) of the candidates, their ``scores`` (n,), and where the scores come from:
    entry k gives song ``entry_songs[k]`` ``entry_weights[k]`` through the list number
    ``entry_list[k]`` of the request.
    """

    rows: np.ndarray
    scores: np.ndarray
    entry_songs: np.ndarray
    entry_weights: np.ndarray
    entry_list: np.ndarray


class _Workspace(threading.local):
    """Scratch arrays as long as the catalogue, so that a request does not allocate them."""

    def __init__(self) -> None:
        self.sums = np.zeros(0, np.float32)
        self.slots = np.zeros(0, np.int32)

    def sized(self, n_songs: int) -> "_Workspace":
        if self.sums.size < n_songs:
            self.sums = np.zeros(n_songs, np.float32)
            self.slots = np.zeros(n_songs, np.int32)
        return self


_workspace = _Workspace()


def seed_lists(
    snapshot: Snapshot,
    liked: Sequence[Seed],
    dismissed: Sequence[Seed],
    rows: np.ndarray,
    documents: dict[str, SongDocument],
) -> SeedLists:
    """Which neighbour lists the seeds read, ``rows`` being the snapshot's for them all (-1: not
    there). A song newer than the snapshot reads its terms' lists; a song that nothing is known of
    reads none.
    """
    seeds = [*liked, *dismissed]
    signed = [seed.weight for seed in liked]
    signed += [-DISMISSAL_WEIGHT * seed.weight for seed in dismissed]
    known = np.flatnonzero(rows >= 0)
    parts = [(rows[known], np.array(signed, np.float32)[known], known)]
    for number in np.flatnonzero(rows < 0).tolist():
        document = documents.get(seeds[number].song_id)
        if document is not None:
            terms, weights = term_rows(snapshot, document)
            placing = snapshot.placing
            weights = weights * (signed[number] * placing.scale * placing.seed_weight)
            parts.append((terms + snapshot.n_songs, weights, np.full(terms.size, number)))
    return SeedLists(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def term_rows(snapshot: Snapshot, document: SongDocument) -> tuple[np.ndarray, np.ndarray]:
    """The rows of the vocabulary that ``document`` has, and its weights in them (float32)."""
    terms = document_terms(document, work_key(document))
    rows = find_sorted(snapshot.terms, list(terms))
    weights = np.array(list(terms.values()), np.float32)
    return rows[rows >= 0], weights[rows >= 0]


def generate_candidates(snapshot: Snapshot, lists: SeedLists) -> Candidates:
    """Every song in the lists of the seeds once, with the sum of what they give it.

    Takes time in proportion to the lists' length only, not to the catalogue or the listeners.
    """
    songs, weights = snapshot.neighbours.gather(lists.rows, lists.weights)
    lengths = snapshot.neighbours.lengths(lists.rows)
    workspace = _workspace.sized(snapshot.n_songs)
    numbers = np.arange(songs.size, dtype=np.int32)
    workspace.slots[songs] = numbers
    rows = songs[workspace.slots[songs] == numbers]
    np.add.at(workspace.sums, songs, weights)
    scores = workspace.sums[rows]
    workspace.sums[rows] = 0.0
    return Candidates(rows, scores, songs, weights, np.repeat(np.arange(lengths.size), lengths))


def contributions(
    snapshot: Snapshot, candidates: Candidates, lists: SeedLists, rows: np.ndarray, n_seeds: int
) -> np.ndarray:
    """What each seed gave each of ``rows``, ``(len(rows), n_seeds)``; a row sums to its score."""
    workspace = _workspace.sized(snapshot.n_songs)
    workspace.slots[candidates.rows] = -1
    workspace.slots[rows] = np.arange(rows.size, dtype=np.int32)
    slots = workspace.slots[candidates.entry_songs]
    wanted = slots >= 0
    seeds = lists.seed[candidates.entry_list[wanted]]
    sums = np.bincount(
        slots[wanted] * n_seeds + seeds,
        weights=candidates.entry_weights[wanted],
        minlength=rows.size * n_seeds,
    )
    return sums.astype(np.float32).reshape(rows.size, n_seeds)
