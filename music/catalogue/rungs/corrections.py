"""The first rung: what listeners said a name means, which no machine knows better."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from music.catalogue.climb import Climb
from music.models import MatchCorrection

CONFIRMED_BY = 2
"""So many listeners with accounts must say the same before it helps the others."""
AGREED_SHARE = 2 / 3
"""So large a part of those who said what a name means must agree."""
MIN_ACCOUNT_AGE = timedelta(days=1)
"""An account made just now speaks for nobody else: making many would be too easy."""
_OWN, _CONFIRMED = 1.0, 0.99


def climb_corrections(climb: Climb) -> None:
    """Settle names by the listener's own corrections, then by those that others agree on.

    Guests count for themselves only. Two queries.
    """
    corrections = MatchCorrection.objects.filter(query__in=list(climb.pending))
    if climb.listener_id is not None:
        own = corrections.filter(user_id=climb.listener_id)
        for query, song_id, rejected in own.values_list("query", "song__address", "rejected_ids"):
            climb.rejected[query] = frozenset(rejected)
            if song_id:
                climb.settle(query, song_id, confidence=_OWN, rung="correction")
    for query, song_id in _find_agreed(climb):
        climb.settle(query, song_id, confidence=_CONFIRMED, rung="correction")


def _find_agreed(climb: Climb) -> list[tuple[str, str]]:
    """Pairs of a pending name and the song that enough listeners say it means."""
    said = MatchCorrection.objects.filter(
        query__in=list(climb.pending),
        song__address__isnull=False,
        user__is_guest=False,
        user__is_active=True,
        user__created_at__lte=timezone.now() - MIN_ACCOUNT_AGE,
    )
    votes = Counter(said.values_list("query", "song__address"))
    totals: Counter[str] = Counter()
    for (query, _), n in votes.items():
        totals[query] += n
    return [
        (query, song_id)
        for (query, song_id), n in votes.items()
        if n >= CONFIRMED_BY and n >= AGREED_SHARE * totals[query]
    ]
