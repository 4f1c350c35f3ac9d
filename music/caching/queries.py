"""Tier 5: what song names were found to mean, in the database, across restarts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.utils import timezone

from music.models import QueryCache
from music.models.query_cache import QUERY_MAX_LENGTH
from tunetrace_site.replication.unit import unit_of_work

from .tiers import TierStats

NEGATIVE_SECONDS = 86_400
"""How long "nothing was found" is believed."""


@dataclass(frozen=True, slots=True)
class CachedQuery:
    """What a normalised query means; ``best_video_id`` ``None``: nothing was found."""

    query: str
    best_video_id: str | None
    candidate_ids: tuple[str, ...] = ()
    rung: str = ""
    confidence: float = 0.0


class QueryTier:
    """The ``QueryCache`` table behind the interface of the other tiers."""

    name = "queries"
    title = "Song names (database)"
    max_entries = None
    is_per_process = False

    def __init__(self) -> None:
        self.stats = TierStats(self.name)

    def fetch_many(self, queries: Sequence[str]) -> dict[str, CachedQuery]:
        """What is known of normalised ``queries``, by query, in one database query.

        One that is missing from the answer was never asked, or found nothing some time ago.
        """
        wanted = set(queries)
        rows = QueryCache.objects.filter(query__in=wanted)
        now = timezone.now()
        known = {
            row.query: _to_cached_query(row)
            for row in rows
            if row.expires_at is None or row.expires_at > now
        }
        self.stats.hits.increment(len(known))
        self.stats.misses.increment(len(wanted) - len(known))
        return known

    def store_many(
        self, answers: Iterable[CachedQuery], *, negative_seconds: float = NEGATIVE_SECONDS
    ) -> int:
        """Keep ``answers`` in one unit of work; those that found nothing for a while only.

        A query of more than 255 characters is not kept. Returns how many were.
        """
        now = timezone.now()
        rows = {
            answer.query: _to_row(answer, now, negative_seconds)
            for answer in answers
            if len(answer.query) <= QUERY_MAX_LENGTH
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
        """Entries; their bytes are the database's business."""
        try:
            return QueryCache.objects.count(), None
        except DatabaseError:
            return None, None


_STORED_FIELDS = [
    "best_video_id",
    "candidate_ids",
    "rung",
    "confidence",
    "updated_at",
    "expires_at",
]


def _to_cached_query(row: QueryCache) -> CachedQuery:
    return CachedQuery(
        query=row.query,
        best_video_id=row.best_video_id,
        candidate_ids=tuple(row.candidate_ids),
        rung=row.rung,
        confidence=row.confidence,
    )


def _to_row(answer: CachedQuery, now: datetime, negative_seconds: float) -> QueryCache:
    is_negative = answer.best_video_id is None
    return QueryCache(
        query=answer.query,
        best_video_id=answer.best_video_id,
        candidate_ids=list(answer.candidate_ids),
        rung=answer.rung,
        confidence=answer.confidence,
        updated_at=now,
        expires_at=now + timedelta(seconds=negative_seconds) if is_negative else None,
    )


tier = QueryTier()
fetch_many = tier.fetch_many
store_many = tier.store_many
