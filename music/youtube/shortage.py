"""Tells when so little quota is left that it should be saved for what matters most."""

from music.models import QuotaUsage
from music.youtube.budgets import TOTAL, get_purpose
from music.youtube.pacific_days import get_day_left, get_pacific_day
from music.youtube.quota import LISTENER, get_limit

SHORT_SHARE = 0.1
"""The part of an evenly spent day's rest below which quota is saved."""


def is_short(bucket: str, caller: str) -> bool:
    """Return whether so little of today's ``bucket`` is left that ``caller`` should save it.

    That is so for listeners' requests while less is left than ``SHORT_SHARE`` of what an evenly
    spent day would have left: 10 of 100 in the morning, 5 at noon. One query.
    """
    if get_purpose(caller) != LISTENER:
        return False
    day, limit = get_pacific_day(), get_limit(bucket)
    total = QuotaUsage.objects.filter(day=day, bucket=bucket, caller=TOTAL)
    used = total.values_list("used", flat=True).first() or 0
    return limit - used < limit * SHORT_SHARE * get_day_left(day)
