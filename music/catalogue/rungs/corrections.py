"""The first rung: what listeners said a name means, which no machine knows better."""

from django.db.models import Count

from music.catalogue.climb import Climb
from music.models import MatchCorrection

CONFIRMED_BY = 2
"""So many listeners must say the same before it helps the others."""
_OWN, _CONFIRMED = 1.0, 0.99


def climb_corrections(climb: Climb) -> None:
    """Settle names by the listener's own corrections, then by those that others confirmed."""
    corrections = MatchCorrection.objects.filter(query__in=list(climb.pending))
    if climb.listener_id is not None:
        own = corrections.filter(user_id=climb.listener_id)
        for query, video_id, rejected in own.values_list(
            "query", "video__video_id", "rejected_ids"
        ):
            climb.rejected[query] = frozenset(rejected)
            if video_id:
                climb.settle(query, video_id, confidence=_OWN, rung="correction")
    confirmed = (
        corrections.filter(video__available=True)
        .values_list("query", "video__video_id")
        .annotate(n=Count("id"))
        .filter(n__gte=CONFIRMED_BY)
        .order_by("-n", "video__video_id")
    )
    for query, video_id, _ in confirmed:
        if query in climb.pending:
            climb.settle(query, video_id, confidence=_CONFIRMED, rung="correction")
