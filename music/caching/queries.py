"""Tier 5: the meanings found for song names, in the database, across restarts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError
from django.utils import timezone

from music.models import QueryCache, Song
from music.models.query_cache import QUERY_MAX_LENGTH
from tunetrace_site.replication.prepared import PreparedQuery
from tunetrace_site.replication.unit import unit_of_work

from .tiers import TierStats

NEGATIVE_SECONDS = 86_400
"""How long a negative entry ("nothing was found") is valid."""


@dataclass(frozen=True, slots=True)
class CachedQuery:
    """The meaning of a normalised query: a song's address, or None where nothing was found.

    ``video_id`` is the take that was meant, if the words say one; ``candidate_ids`` are addresses
    of other songs that it may mean, best first.
    """

    query: str
    song_id: str | None
    candidate_ids: tuple[str, ...] = ()
    rung: str = ""
    confidence: float = 0.0
    video_id: str | None = None


class QueryTier:
    """The ``QueryCache`` table behind the interface of the other tiers."""

    name = "queries"
    title = "Song names (database)"
    max_entries = None
    is_per_process = False

    def __init__(self) -> None:
        self.stats = TierStats(self.name)

    def fetch_many(self, queries: Sequence[str]) -> dict[str, CachedQuery]:
        """Return the stored answers to normalised ``queries``, by query, in one database query.

        A query missing from the result was never asked, or its negative answer has expired.
        """
        wanted = set(queries)
        now = timezone.now()
        read = (_Stored(*row) for row in _STORED.fetch(wanted))
        known = {row.query: _to_cached_query(row) for row in read if _is_valid(row, now)}
        self.stats.hits.increment(len(known))
        self.stats.misses.increment(len(wanted) - len(known))
        return known

    def store_many(
        self, answers: Iterable[CachedQuery], *, negative_seconds: float = NEGATIVE_SECONDS
    ) -> int:
        """Store ``answers`` in one unit of work; negative answers expire.

        A query of more than 255 characters is not stored. Returns how many were.
        """
        now = timezone.now()
        kept = [answer for answer in answers if len(answer.query) <= QUERY_MAX_LENGTH]
        addresses = {answer.song_id for answer in kept} - {None}
        songs = dict(Song.objects.filter(address__in=addresses).values_list("address", "pk"))
        rows = {
            answer.query: _to_row(answer, songs.get(answer.song_id or ""), now, negative_seconds)
            for answer in kept
        }
        with unit_of_work():
            QueryCache.objects.bulk_create(
                rows.values(),
                batch_size=200,
                update_conflicts=True,
                unique_fields=["query"],
                update_fields=_STORED_FIELDS,
            )
        return len(rows)

    def describe_state(self) -> str:
        return "on"

    def measure(self) -> tuple[int | None, None]:
        """Return the number of entries; bytes are not measured for database rows."""
        try:
            return QueryCache.objects.count(), None
        except DatabaseError:
            return None, None


class _Stored(NamedTuple):
    """A row of the table; ``address`` is None where the song is not stored at present."""

    query: str
    song_id: int | None
    address: str | None
    video_id: str | None
    candidate_ids: list[str]
    rung: str
    confidence: float
    expires_at: datetime | None


_STORED = PreparedQuery(
    QueryCache,
    lambda wanted: QueryCache.objects.filter(query__among=wanted).values_list(
        *("query", "song_id", "song__address", "best_video_id", "candidate_ids", "rung"),
        *("confidence", "expires_at"),
    ),
)
_STORED_FIELDS = [
    "song",
    "best_video_id",
    "candidate_ids",
    "rung",
    "confidence",
    "updated_at",
    "expires_at",
]


def _is_valid(row: _Stored, now: datetime) -> bool:
    """Return whether the answer may be used: not expired, and its song still stored."""
    is_gone = row.song_id is not None and row.address is None
    return not is_gone and (row.expires_at is None or row.expires_at > now)


def _to_cached_query(row: _Stored) -> CachedQuery:
    return CachedQuery(
        query=row.query,
        song_id=row.address,
        video_id=row.video_id,
        candidate_ids=tuple(row.candidate_ids),
        rung=row.rung,
        confidence=row.confidence,
    )


def _to_row(
    answer: CachedQuery, song_pk: int | None, now: datetime, negative_seconds: float
) -> QueryCache:
    return QueryCache(
        query=answer.query,
        song_id=song_pk,
        best_video_id=answer.video_id,
        candidate_ids=list(answer.candidate_ids),
        rung=answer.rung,
        confidence=answer.confidence,
        updated_at=now,
        expires_at=now + timedelta(seconds=negative_seconds) if song_pk is None else None,
    )


tier = QueryTier()
fetch_many = tier.fetch_many
store_many = tier.store_many
