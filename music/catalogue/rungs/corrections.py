"""The first rung: listeners' own statements of what a name means."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Case, Q, When
from django.utils import timezone

from music.catalogue.climb import Climb
from music.models import MatchCorrection

CONFIRMED_BY = 2
"""The number of listeners with accounts who must agree before a correction helps others."""
AGREED_SHARE = 2 / 3
"""The share of those who said what a name means that must agree."""
MIN_ACCOUNT_AGE = timedelta(days=1)
"""A newer account's corrections do not count for others: making many would be too easy."""
_OWN, _CONFIRMED = 1.0, 0.99


def climb_corrections(climb: Climb) -> None:
    """Settle names by the listener's own corrections, then by those on which others agree.

    A guest's corrections count only for that guest. One query.
    """
    votes: Counter[tuple[str, str]] = Counter()
    for query, song_id, rejected, user_id, counts in _read_corrections(climb.pending):
        if user_id == climb.listener_id:
            climb.rejected[query] = frozenset(rejected)
            if song_id:
                climb.settle(query, song_id, confidence=_OWN, rung="correction")
        if counts and song_id:
            votes[query, song_id] += 1
    for query, song_id in _list_agreed(votes):
        if query in climb.pending:
            climb.settle(query, song_id, confidence=_CONFIRMED, rung="correction")


def _read_corrections(names: Iterable[str]) -> Iterable[tuple[str, str | None, list, int, bool]]:
    """Return the corrections of ``names``.

    Each has the name, the song, the song it does not mean, the listener, and whether the listener's
    corrections count for others.
    """
    speaks_for_others = Q(
        user__is_guest=False,
        user__is_active=True,
        user__created_at__lte=timezone.now() - MIN_ACCOUNT_AGE,
    )
    corrections = MatchCorrection.objects.filter(query__in=list(names))
    return corrections.annotate(
        counts=Case(When(speaks_for_others, then=True), default=False)
    ).values_list("query", "song__address", "rejected_ids", "user_id", "counts")


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
