"""Offline scoring: the serving code and the baselines on a folder of listening data.

The served code itself is scored: a snapshot is built from the training likes, saved, loaded back
and asked for every listener like any request. The figures of "tunetrace" are those of the whole
pipeline, with re-ranking; "tunetrace-ranking" are the lists before it. Only rules about songs that
make no sense for other items (two per artist, versions, durations) are switched off in the query.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import sparse

from music.recommender.baselines import BASELINES
from music.recommender.candidates import Seed
from music.recommender.documents import SongDocument
from music.recommender.filtering import SongFilter
from music.recommender.interactions import Interaction
from music.recommender.listening_files import Likes, ListeningSet
from music.recommender.metrics import CUTOFFS, score_lists
from music.recommender.pipeline import rank, recommend
from music.recommender.query import Query
from music.recommender.reranking import Reranking
from music.recommender.snapshot import Progress, Snapshot, build_snapshot
from music.recommender.snapshot_files import load_snapshot, save_snapshot

Figures = dict[str, dict[str, float]]
"""Model name -> metric name -> value."""

_BLOCK = 500
_NEW_SONG_SHARE = 0.1
_ANY_SONG = SongFilter(min_seconds=0, max_seconds=2**31 - 1)
_LOOSE = Reranking(per_artist=None)


@dataclass(frozen=True, slots=True)
class Task:
    """One evaluation: learn from ``train``, answer for ``given``, find ``wanted``.

    ``masked`` is what each listener must not be shown besides what is given.
    """

    documents: Sequence[SongDocument]
    train: Likes
    given: Likes
    wanted: Likes
    masked: Mapping[str, Sequence[str]]


def whole_task(data: ListeningSet, target: Likes) -> Task:
    """Return the usual task: all training likes given, ``target`` (test or validation) wanted.

    Validation likes are never learnt from, as in the published comparisons.
    """
    given = {listener: data.train.get(listener, ()) for listener in target}
    return Task(data.documents, data.train, given, target, {})


def few_likes_task(data: ListeningSet, target: Likes, n_likes: int) -> Task:
    """Return a task with ``n_likes`` of each listener given; their others are not shown either."""
    random = np.random.default_rng(n_likes)
    given, masked = {}, {}
    for listener in target:
        likes = data.train.get(listener, ())
        if len(likes) >= n_likes:
            given[listener] = tuple(str(song) for song in random.permutation(likes)[:n_likes])
            masked[listener] = likes
    wanted = {listener: target[listener] for listener in given}
    return Task(data.documents, data.train, given, wanted, masked)


def few_listeners_task(data: ListeningSet, target: Likes, share: float) -> Task:
    """Return a task that learns from a ``share`` of the listeners only, but answers all."""
    random = np.random.default_rng(0)
    order = random.permutation(sorted(data.train)).tolist()
    kept = {str(listener) for listener in order[: max(1, round(share * len(order)))]}
    train = {listener: songs for listener, songs in data.train.items() if listener in kept}
    return replace(whole_task(data, target), train=train)


def new_songs_task(data: ListeningSet, target: Likes) -> Task:
    """Return a task where a tenth of the songs loses all its likes, which are then wanted."""
    random = np.random.default_rng(0)
    ids = sorted(document.song_id for document in data.documents)
    new = set(random.permutation(ids)[: round(_NEW_SONG_SHARE * len(ids))].tolist())
    train = {who: tuple(s for s in songs if s not in new) for who, songs in data.train.items()}
    everything = {who: (*songs, *target.get(who, ())) for who, songs in data.train.items()}
    wanted = {who: tuple(s for s in songs if s in new) for who, songs in everything.items()}
    return Task(data.documents, train, train, wanted, {})


def cold_tasks(data: ListeningSet, target: Likes) -> dict[str, Task]:
    """Return the tasks where little is known: few likes, few listeners, new songs."""
    tasks = {f"{n} likes given": few_likes_task(data, target, n) for n in (1, 3, 5)}
    for share in (0.01, 0.1, 0.5):
        tasks[f"{share:.0%} of listeners"] = few_listeners_task(data, target, share)
    return tasks | {"new songs": new_songs_task(data, target)}


def score(task: Task, *, progress: Progress | None = None) -> Figures:
    """Return the figures of TuneTrace, with and without re-ranking, and of every baseline."""
    listeners = sorted(who for who, songs in task.wanted.items() if songs)
    wanted = [task.wanted[listener] for listener in listeners]
    n_songs = len(task.documents)
    with tempfile.TemporaryDirectory() as folder:
        snapshot = serving_snapshot(task, Path(folder), progress)
        ranked = list(_answers(snapshot, task, listeners, rank, progress))
        shown = list(_answers(snapshot, task, listeners, _shown, None))
    figures = {
        "tunetrace": score_lists(shown, wanted, n_songs),
        "tunetrace-ranking": score_lists(ranked, wanted, n_songs),
    }
    for name in BASELINES:
        figures[name] = score_lists(baseline_lists(name, task, listeners), wanted, n_songs)
    return figures


def serving_snapshot(task: Task, folder: Path, progress: Progress | None = None) -> Snapshot:
    """Return the snapshot of ``task`` as a worker sees it: built, saved in ``folder``, loaded."""
    likes = (Interaction(who, song) for who, songs in sorted(task.train.items()) for song in songs)
    save_snapshot(build_snapshot(task.documents, likes, progress=progress), folder)
    return load_snapshot(folder)


def _answers(
    snapshot: Snapshot,
    task: Task,
    listeners: Sequence[str],
    answer: Callable[[Snapshot, Query], list[str]],
    progress: Progress | None,
) -> Iterator[list[str]]:
    for done, listener in enumerate(listeners, start=1):
        given = task.given[listener]
        yield answer(
            snapshot,
            Query(
                seeds=[Seed(song) for song in given],
                excluded=task.masked.get(listener, ()),
                n=max(CUTOFFS),
                song_filter=_ANY_SONG,
                reranking=_LOOSE,
            ),
        )
        if progress:
            progress("scoring", done, len(listeners))


def _shown(snapshot: Snapshot, query: Query) -> list[str]:
    return [item.song_id for item in recommend(snapshot, query)]


def baseline_lists(name: str, task: Task, listeners: Sequence[str]) -> list[list[str]]:
    """Return the twenty best songs of the baseline ``name`` for each of ``listeners``."""
    ids = [document.song_id for document in task.documents]
    column_of = {song_id: column for column, song_id in enumerate(ids)}
    train = _matrix([task.train[who] for who in sorted(task.train)], column_of)
    scorer = BASELINES[name](train, task.documents)
    lists: list[list[str]] = []
    for start in range(0, len(listeners), _BLOCK):
        block = listeners[start : start + _BLOCK]
        scores = np.asarray(scorer(_matrix([task.given[who] for who in block], column_of)))
        scores = scores.astype(np.float32)
        out = _matrix([(*task.given[who], *task.masked.get(who, ())) for who in block], column_of)
        scores[out.nonzero()] = -np.inf
        lists += [[ids[column] for column in _best(row)] for row in scores]
    return lists


def _best(scores: np.ndarray) -> list[int]:
    """Return positions of the twenty largest, largest first, equal ones in order.

    Sorting all would take most of the time in a large catalogue.
    """
    last = max(scores.size - max(CUTOFFS), 0)
    columns = np.flatnonzero(scores >= np.partition(scores, last)[last])
    order = np.argsort(-scores[columns], kind="stable")[: max(CUTOFFS)]
    return columns[order].tolist()


def _matrix(rows: Sequence[Sequence[str]], column_of: Mapping[str, int]) -> sparse.csr_matrix:
    indices = [column_of[song] for songs in rows for song in songs]
    indptr = np.concatenate([[0], np.cumsum([len(songs) for songs in rows])]).astype(np.int64)
    data = np.ones(len(indices), np.float32)
    matrix = sparse.csr_matrix((data, indices, indptr), shape=(len(rows), len(column_of)))
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix
