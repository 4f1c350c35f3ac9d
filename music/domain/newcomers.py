"""Songs that are not in the index yet, as documents for the recommender."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock

from cachetools import TTLCache
from django.db.models import QuerySet

from music.models import Song
from music.recommender.documents import SongDocument
from tunetrace_site.replication.prepared import PreparedQuery

from . import index
from .documents import read_documents

MAX_NEWCOMERS = 200
MAX_READ = 15
"""How many of the newest songs a request reads: after a channel was stored there are hundreds, and
the first request would wait for all of them. Later requests read the rest."""
READ_AGAIN_SECONDS = 600.0
"""An upper limit: a changed song shows in its own row at once, a changed video does not."""

_NEWEST = PreparedQuery(
    Song,
    lambda since: (
        Song.objects.filter(created_at__gt=since)
        .order_by("-created_at")
        .values_list("address", "updated_at")[:MAX_NEWCOMERS]
    ),
)
_known: TTLCache[tuple[str, datetime], SongDocument] = TTLCache(4096, READ_AGAIN_SECONDS)
_lock = Lock()


def read_newcomers(seed_ids: Sequence[str]) -> list[SongDocument]:
    """Return documents of the newest songs and of those ``seed_ids`` that are not in the index.

    ``seed_ids`` are addresses. Whether a song may be suggested is not asked here: that is asked of
    every candidate. Each song is read once per process until its row changes, at most ``MAX_READ``
    beside the seeds at a time: one query, two where a seed is new, and two more for songs that are
    read.
    """
    changed_at: dict[str, datetime] = dict(_NEWEST.fetch(index.get_built_at()))
    rows = index.get_snapshot().rows_of([*changed_at, *seed_ids]).tolist()
    new = {song_id for song_id, row in zip([*changed_at, *seed_ids], rows, strict=True) if row < 0}
    if seeds := new - changed_at.keys():
        changed_at |= _read_times(Song.objects.filter(address__in=seeds))
    seeds_first = dict.fromkeys([*seed_ids, *changed_at])
    wanted = {s: changed_at[s] for s in seeds_first if s in new and s in changed_at}
    return _read_changed(wanted, len(new.intersection(seed_ids)) + MAX_READ)


def _read_times(songs: QuerySet[Song]) -> list[tuple[str, datetime]]:
    return list(songs.values_list("address", "updated_at"))


def _read_changed(changed_at: Mapping[str, datetime], n_read: int) -> list[SongDocument]:
    """Return documents of songs, by their addresses and when their rows last changed.

    Of those that are not known yet, the first ``n_read`` are read.
    """
    with _lock:
        found = {song_id: _known.get((song_id, at)) for song_id, at in changed_at.items()}
    missing = [song_id for song_id, document in found.items() if document is None][:n_read]
    if missing:
        read = {d.song_id: d for d in read_documents(Song.objects.filter(address__in=missing))}
        with _lock:
            _known.update({(s, changed_at[s]): document for s, document in read.items()})
        found |= read
    return [document for document in found.values() if document is not None]
