"""The time of a simulated day, in which a day's quota is spent from midnight to midnight."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo


@contextmanager
def passing_day() -> Iterator[Callable[[float], None]]:
    """Let the next Pacific day be now; yield a function that sets how much of it, 0 to 1, is over.

    From there on the time goes on as usual.
    """
    from django.utils import timezone

    from music.youtube.pacific_days import get_pacific_day, get_reset_time

    began_at = get_reset_time(get_pacific_day())
    set_at, part_over = time.monotonic(), 0.0

    def set_part(part: float) -> None:
        nonlocal set_at, part_over
        set_at, part_over = time.monotonic(), part

    def tell() -> datetime:
        since = timedelta(seconds=time.monotonic() - set_at)
        return began_at + timedelta(days=1) * part_over + since

    # Not timezone.now itself, which the defaults of columns hold.
    class PassingTime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return tell().astimezone(tz)

    timezone.datetime = PassingTime
    try:
        yield set_part
    finally:
        timezone.datetime = datetime
