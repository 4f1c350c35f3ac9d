"""The first rung: listeners' own statements of what a name means."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from music.catalogue.climb import Climb
from music.models import MatchCorrection
from tunetrace_site.replication.prepared import PreparedQuery

CONFIRMED_BY = 2
"""The number of listeners with accounts who must agree before a correction helps others."""
AGREED_SHARE = 2 / 3
"""The share of those who said what a name means that must agree."""
MIN_ACCOUNT_AGE = timedelta(days=1)
"""A newer account's corrections do not count for others: making many would be too easy."""
_OWN, _CONFIRMED = 1.0, 0.99
_ACCOUNT = ("user__is_guest", "user__is_active", "user__created_at")
_CORRECTIONS = PreparedQuery(
    MatchCorrection,
    lambda names: MatchCorrection.objects.filter(query__among=names).values_list(
        "query", "song__address", "rejected_ids", "user_id", *_ACCOUNT
    ),
)


def climb_corrections(climb: Climb) -> None:
    """Settle names by the listener's own corrections, then by those on which others agree.

    A guest's corrections count only for that guest. One query.
    """
    votes: Counter[tuple[str, str]] = Counter()
    for query, song_id, rejected, user_id, *account in _read_corrections(climb.pending):
        if user_id == climb.listener_id:
            climb.rejected[query] = frozenset(rejected)
            if song_id:
                climb.settle(query, song_id, confidence=_OWN, rung="correction")
        if song_id and _speaks_for_others(*account):
            votes[query, song_id] += 1
    for query, song_id in _list_agreed(votes):
        if query in climb.pending:
            climb.settle(query, song_id, confidence=_CONFIRMED, rung="correction")


def _read_corrections(names: Iterable[str]) -> Iterable[tuple[Any, ...]]:
    """Return the corrections of ``names``.

    Each has the name, the song, the songs it does not mean, the listener, and what
    ``_speaks_for_others`` takes.
    """
    return _CORRECTIONS.fetch(names)


def _speaks_for_others(is_guest: bool, is_active: bool, created_at: datetime) -> bool:
    """Return whether the corrections of a listener count for others."""
    is_old = created_at <= timezone.now() - MIN_ACCOUNT_AGE
    return is_old and is_active and not is_guest


def _list_agreed(votes: Counter[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return pairs of a name and the song that enough listeners say it means."""
    totals: Counter[str] = Counter()
    for (query, _), n in votes.items():
        totals[query] += n
    return [
        (query, song_id)
        for (query, song_id), n in votes.items()
        if n >= CONFIRMED_BY and n >= AGREED_SHARE * totals[query]
    ]
