"""Fits the recommender to the stored data, and saves the index where every worker finds it."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db.models import QuerySet

from music.catalogue.artists import find_country, guess_near, list_near
from music.catalogue.bundled import find_song
from music.models import Playback, Song, UserLikedSong, VideoFeature
from music.recommender.documents import SongDocument
from music.recommender.interactions import Interaction
from music.recommender.snapshot import Progress, Snapshot, build_snapshot
from music.recommender.storage import current_version, save_snapshot
from tunetrace_site.machine.files import state_path
from tunetrace_site.machine.locks import FileLock

from .seeds import LIKED_WEIGHT, PLAYED_WEIGHT

MIN_CHANGES = 20
CHANGED_SHARE = 0.02
"""A new index is due when more than 2 % of the songs or likes, and more than 20, have changed."""
MIN_LISTENERS = 20
"""With fewer listeners, likes are not used for other listeners' suggestions."""
COUNT_EVERY_SECONDS = 3600.0
BATCH = 2000


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


def build_index(progress: Progress | None = None) -> BuildSummary:
    """Build the index from all songs and likes and replace the old one.

    Raises ``BuildRunning`` when another process is building it.
    """
    with only_builder():
        began_at = time.time()
        documents = list(read_documents(Song.objects.suggestible().best_known_first()))
        interactions = list(read_interactions())
        snapshot = build_snapshot(documents, _where_many(interactions), progress=progress)
        save_snapshot(snapshot, settings.INDEX_DIR)
        summary = BuildSummary(snapshot.version, len(documents), len(interactions), began_at)
        write_summary(summary)
    return summary


def write_summary(summary: BuildSummary) -> None:
    """Store the summary of the present index."""
    _summary_file().write_text(json.dumps(asdict(summary)))


def _where_many(interactions: Sequence[Interaction]) -> Sequence[Interaction]:
    """Return ``interactions``, or none if they are of fewer than ``MIN_LISTENERS`` listeners.

    Among so few, a suggestion would tell a listener what another one likes.
    """
    n_listeners = len({interaction.listener_id for interaction in interactions})
    return interactions if n_listeners >= MIN_LISTENERS else ()


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
    n_songs = Song.objects.suggestible().count()
    n_interactions = _likes().count() + _plays().count()
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


def read_documents(songs: QuerySet[Song]) -> Iterator[SongDocument]:
    """Return the documents of ``songs``, in their order; two queries per 2,000."""
    for batch in _batches(songs.iterator(chunk_size=BATCH)):
        takes = _read_telling_takes([song.pk for song in batch])
        for song in batch:
            yield to_document(song, takes.get(song.pk))


def _batches(songs: Iterator[Song]) -> Iterator[list[Song]]:
    while batch := list(islice(songs, BATCH)):
        yield batch


def _read_telling_takes(song_pks: Sequence[int]) -> dict[int, VideoFeature]:
    """Return the most viewed video that has each song itself, by the song's primary key."""
    videos = VideoFeature.objects.playable().themselves().of_song_length()
    takes: dict[int, VideoFeature] = {}
    for video in videos.filter(song__in=song_pks).most_seen_first():
        takes.setdefault(cast(int, video.song_id), video)
    return takes


def read_interactions() -> Iterator[Interaction]:
    """Yield likes to learn from, and plays, of all listeners."""
    for user_pk, song_id in _likes().values_list("user_id", "song__address").iterator():
        yield Interaction(str(user_pk), song_id, LIKED_WEIGHT)
    for user_pk, song_id in _plays().values_list("user_id", "song__address").iterator():
        yield Interaction(str(user_pk), song_id, PLAYED_WEIGHT)


def _likes() -> QuerySet[UserLikedSong]:
    return UserLikedSong.objects.filter(learn=True, song__address__isnull=False)


def _plays() -> QuerySet[Playback]:
    return Playback.objects.filter(kind=Playback.Kind.PLAY, song__address__isnull=False)


def build_small_snapshot(n_songs: int) -> Snapshot:
    """Return a snapshot of the ``n_songs`` best known songs without likes, quickly."""
    songs = Song.objects.suggestible().best_known_first()[:n_songs]
    return build_snapshot(read_documents(songs), [])


def to_document(song: Song, take: VideoFeature | None) -> SongDocument:
    """Return the recommender's document of a song, with facts of one take of it."""
    views = take.view_count if take else None
    bundled = find_song(song.address) if song.is_bundled else None
    language = song.language.partition("-")[0]
    near = list_near(song.artist) or guess_near(genre=song.genre, tags=song.tags, language=language)
    return SongDocument(
        song_id=song.address,
        title=song.title,
        artist=song.artist,
        genre=song.genre,
        tags=tuple(song.tags),
        description=take.description if take else "",
        channel=take.channel_title if take else song.artist,
        year=song.year,
        language=song.language,
        view_count=max(views or 0, _views_like(song.popularity)),
        duration_seconds=take.duration if take else None,
        energy=bundled.energy if bundled else None,
        occasions=bundled.occasions if bundled else (),
        is_instrumental=bundled.is_instrumental if bundled else None,
        near_artists=near,
        country=find_country(song.artist),
    )


def _views_like(popularity: int) -> int:
    """Convert popularity 1..100 to views, on the logarithmic scale: 100 is 10^10 views."""
    return round(10 ** (popularity / 10)) if popularity else 0


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
