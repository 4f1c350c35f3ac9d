"""Fits the recommender to the stored data, and saves the index where every worker finds it."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db.models import QuerySet
from scipy import sparse

from music.catalogue.key_pages import count_pages, read_pages
from music.models import Playback, Song, UserLikedSong
from music.recommender.interactions import build_matrix
from music.recommender.snapshot import Progress, Snapshot, build_snapshot, fit_snapshot
from music.recommender.snapshot_files import current_version, save_snapshot
from music.recommender.song_columns import arrange_songs
from tunetrace_site.machine.files import state_path
from tunetrace_site.machine.locks import FileLock

from .build_progress import ProgressFile
from .documents import Shown, read_columns, read_documents
from .seeds import LIKED_WEIGHT, PLAYED_WEIGHT

MIN_CHANGES = 20
CHANGED_SHARE = 0.02
"""A new index is due when more than 2 % of the songs or likes, and more than 20, have changed."""
MIN_LISTENERS = 20
"""With fewer listeners, likes are not used for other listeners' suggestions."""
COUNT_EVERY_SECONDS = 3600.0


class BuildRunning(Exception):
    """Another process of this machine is building the index."""


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """The size of an index and its time.

    ``began_at`` is POSIX seconds: later songs are not in it.
    """

    version: str
    n_songs: int
    n_interactions: int
    began_at: float


NEVER_BUILT = BuildSummary(version="", n_songs=0, n_interactions=0, began_at=0.0)
_counts_again_at = 0.0
_KEYS = 2**63


def build_index(progress: Progress | None = None) -> BuildSummary:
    """Build the index from all songs and likes and replace the old one.

    Raises ``BuildRunning`` when another process is building it.
    """
    with only_builder(), _scratch() as scratch, _shown(progress) as show:
        began_at = time.time()
        songs = arrange_songs(read_columns(partial(show, "reading songs")))
        likes, n_interactions = _read_likes(songs.keys, partial(show, "reading likes"))
        snapshot = fit_snapshot(songs, likes, progress=show, scratch=scratch)
        show("writing", 0, 1)
        save_snapshot(snapshot, settings.INDEX_DIR)
        summary = BuildSummary(snapshot.version, snapshot.n_songs, n_interactions, began_at)
        write_summary(summary)
    return summary


@contextmanager
def _scratch() -> Iterator[Path]:
    """Yield a folder beside the index, and remove what a killed build has left."""
    settings.INDEX_DIR.mkdir(parents=True, exist_ok=True)
    for left in (*settings.INDEX_DIR.glob(".building-*"), *settings.INDEX_DIR.glob(".writing-*")):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=settings.INDEX_DIR) as name:
        yield Path(name)


@contextmanager
def _shown(progress: Progress | None) -> Iterator[Progress]:
    """Yield what tells ``progress`` and the operators' pages how far the build is."""
    file = ProgressFile()

    def show(what: str, n_done: int, n_total: int) -> None:
        file.tell(what, n_done, n_total)
        if progress:
            progress(what, n_done, n_total)

    try:
        yield show
    finally:
        file.end()


def write_summary(summary: BuildSummary) -> None:
    """Store the summary of the present index."""
    _summary_file().write_text(json.dumps(asdict(summary)))


def read_summary() -> BuildSummary:
    """Return the summary of the present index; ``NEVER_BUILT`` if there is none, or unreadable."""
    try:
        summary = BuildSummary(**json.loads(_summary_file().read_text()))
    except (OSError, ValueError, TypeError):
        return NEVER_BUILT
    return summary if summary.version == current_version(settings.INDEX_DIR) else NEVER_BUILT


def is_outdated() -> bool:
    """Return whether there is no index, or enough songs or likes have changed since.

    A process counts everything when it first asks, once an hour, and when there are many rows that
    are newer than the index. Looking for those is cheap: no more of them are read than matter.
    """
    global _counts_again_at
    summary = read_summary()
    if summary is NEVER_BUILT:
        return True
    if time.monotonic() < _counts_again_at and not _has_many_new_rows(summary):
        return False
    n_songs = count_pages(Song.objects.suggestible())
    n_interactions = count_pages(_likes()) + count_pages(_plays())
    if _differs(n_songs, summary.n_songs) or _differs(n_interactions, summary.n_interactions):
        return True
    _counts_again_at = time.monotonic() + COUNT_EVERY_SECONDS
    return False


def _has_many_new_rows(summary: BuildSummary) -> bool:
    songs, likes, plays = (
        _count_new(rows, summary, _allow_changes(n_then))
        for rows, n_then in (
            (Song.objects.suggestible(), summary.n_songs),
            (_likes(), summary.n_interactions),
            (_plays(), summary.n_interactions),
        )
    )
    return songs > _allow_changes(summary.n_songs) or likes + plays > _allow_changes(
        summary.n_interactions
    )


def _count_new(rows: QuerySet[Any], summary: BuildSummary, at_most: int) -> int:
    """Return how many of ``rows`` are newer than the index, up to one more than ``at_most``."""
    began_at = datetime.fromtimestamp(summary.began_at, UTC)
    new = rows.filter(created_at__gt=began_at).order_by("-created_at")
    return new[: at_most + 1].count()


def _differs(now: int, then: int) -> bool:
    return abs(now - then) > _allow_changes(then)


def _allow_changes(n_then: int) -> int:
    return max(MIN_CHANGES, int(CHANGED_SHARE * n_then))


def _summary_file() -> Path:
    return settings.INDEX_DIR / "summary.json"


def _read_likes(song_keys: np.ndarray, show: Shown) -> tuple[sparse.csr_matrix, int]:
    """Return the likes and plays of all listeners as the interaction matrix, and their number.

    Its columns are the songs of ``song_keys``; feedback on others is counted alone. It is empty
    with fewer than ``MIN_LISTENERS`` listeners: among so few, a suggestion would tell a listener
    what another one likes.
    """
    order = np.argsort(song_keys, kind="stable")
    known = song_keys[order]
    listeners, songs, weights, n_read = [np.empty(0, np.int64)], [np.empty(0, np.int32)], [], 0
    for rows, weight in ((_likes(), LIKED_WEIGHT), (_plays(), PLAYED_WEIGHT)):
        for page in read_pages(rows, "pk", "user_id", "song_id"):
            n_read += len(page)
            told = np.array(page, np.int64)
            at = np.minimum(np.searchsorted(known, told[:, 2]), max(known.size - 1, 0))
            held = known[at] == told[:, 2] if known.size else np.zeros(at.size, bool)
            listeners.append(told[held, 1])
            songs.append(order[at[held]].astype(np.int32))
            weights.append(np.full(songs[-1].size, weight, np.float32))
            show(int(100 * page[-1][0] / _KEYS), 100)
    pks, rows_of = np.unique(np.concatenate(listeners), return_inverse=True)
    if pks.size < MIN_LISTENERS:
        return sparse.csr_matrix((0, song_keys.size), dtype=np.float32), n_read
    shape = (pks.size, song_keys.size)
    del listeners
    return build_matrix(rows_of, np.concatenate(songs), np.concatenate(weights), shape), n_read


def _likes() -> QuerySet[UserLikedSong]:
    return UserLikedSong.objects.filter(learn=True, song__isnull=False)


def _plays() -> QuerySet[Playback]:
    return Playback.objects.filter(kind=Playback.Kind.PLAY, song__isnull=False)


def build_small_snapshot(n_songs: int) -> Snapshot:
    """Return a snapshot of the ``n_songs`` best known songs without likes, quickly."""
    songs = Song.objects.suggestible().best_known_first()[:n_songs]
    return build_snapshot(read_documents(songs), [])


@contextmanager
def only_builder() -> Iterator[None]:
    """Let nobody else on this machine install an index in the block. Raises ``BuildRunning``."""
    lock = FileLock(state_path("build_index.lock"))
    if not lock.try_acquire():
        raise BuildRunning("Another process is building the index.")
    try:
        yield
    finally:
        lock.release()
