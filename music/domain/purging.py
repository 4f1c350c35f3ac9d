"""Deletion of expired data: guests who do not come back, sessions, expired answers.

A job does it (``music/jobs/expiry.py``). Each machine removes traces from its own SQLite files in a
thread of its web workers; no request waits for it.
"""

import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.sessions import forget_expired_sessions
from music.caching import stack
from music.models import (
    Dismissal,
    Impression,
    MatchCorrection,
    Playback,
    PlaylistImport,
    QueryCache,
    Share,
    SuggestionSum,
    UserLikedSong,
)
from tunetrace_site.replication.erasing import finish_erasure
from tunetrace_site.replication.unit import run_pinned, run_unit

from .privacy import delete_listener
from .suggestion_sums import sum_up_old_suggestions

LOOK_EVERY_SECONDS = 60.0
ERASE_LISTS_EVERY_SECONDS = 3600
EMPTY_GUESTS_LIVE = timedelta(days=1)
BATCH = 100

_SAID: tuple[tuple[type[Model], str], ...] = (
    (UserLikedSong, "created_at"),
    (Dismissal, "created_at"),
    (Playback, "created_at"),
    (MatchCorrection, "created_at"),
    (PlaylistImport, "updated_at"),
    (Share, "created_at"),
)
"""Tables of what a guest may have said, and the column with the time."""
_SEEN: tuple[tuple[type[Model], str], ...] = (
    *_SAID,
    (Impression, "created_at"),
    (SuggestionSum, "counted_until"),
)
"""Tables that show a visit: those, impressions, and what was made of old ones."""

logger = logging.getLogger(__name__)


def erase_beside() -> None:
    """From now on finish erasures in a thread of this process, which looks once a minute."""
    threading.Thread(target=_erase_again_and_again, name="erasing", daemon=True).start()


def purge() -> dict[str, int]:
    """Delete everything that is due now; return how many rows of each kind."""
    return {
        "guests": expire_guests(),
        "sessions": forget_expired_sessions(),
        "answers": forget_expired_answers(),
        "suggestions": sum_up_old_suggestions(),
    }


def expire_guests() -> int:
    """Delete guests without a visit for ``GUEST_DAYS``, and after a day those without any data.

    A visit is derived from stored times: when they came first, and what they liked, played or were
    shown last. Listeners with an address and those whom client programs named never expire. A
    hundred guests are examined, and deleted, in one unit of work. Returns how many were deleted.
    """
    now = timezone.now()
    return sum(run_unit(partial(_expire, keys, now)) for keys in _walk_guests(now))


def _walk_guests(now: datetime) -> Iterator[list[int]]:
    """Yield the keys of guests who are old enough to be empty, a hundred at a time."""
    last = None
    guests = User.objects.guests().filter(created_at__lt=now - EMPTY_GUESTS_LIVE).order_by("pk")
    while True:
        after = guests if last is None else guests.filter(pk__gt=last)
        keys = run_pinned(partial(_list_keys, after), write=False)
        if not keys:
            return
        yield keys
        last = keys[-1]


def _list_keys(rows: QuerySet) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _expire(keys: list[int], now: datetime) -> int:
    """Delete those of these guests who have expired; that is checked inside the unit."""
    long_ago = now - timedelta(days=settings.GUEST_DAYS)
    is_over = _not_seen_since(long_ago) | (_not_seen_since(now - EMPTY_GUESTS_LIVE) & _is_empty())
    guests = User.objects.guests().filter(is_over, pk__in=keys, email=None, is_staff=False)
    expired = list(guests)
    for guest in expired:
        delete_listener(listener=guest)
    return len(expired)


def _not_seen_since(moment: datetime) -> Q:
    is_silent = Q(created_at__lt=moment)
    for model, column in _SEEN:
        rows = model._base_manager.filter(user=OuterRef("pk"), **{f"{column}__gte": moment})
        is_silent &= Q(~Exists(rows))
    return is_silent


def _is_empty() -> Q:
    is_empty = Q()
    for model, _column in _SAID:
        is_empty &= Q(~Exists(model._base_manager.filter(user=OuterRef("pk"))))
    return is_empty


def forget_expired_answers() -> int:
    """Delete expired answers for names of which nothing was found."""
    return _delete_in_batches(QueryCache.objects.filter(expires_at__lt=timezone.now()))


def _delete_in_batches(rows: QuerySet) -> int:
    n_deleted = 0
    while keys := run_pinned(partial(_list_keys, rows), write=False):
        run_unit(rows.filter(pk__in=keys).delete)
        n_deleted += len(keys)
    return n_deleted


def _erase_again_and_again() -> None:
    while True:
        time.sleep(LOOK_EVERY_SECONDS)
        try:
            finish_erasure()
            # The machine's cache file: whichever of its processes comes first does it.
            if cache.add("expired-lists-erased", 1, ERASE_LISTS_EVERY_SECONDS):
                stack.erase_expired()
        except Exception:
            logger.exception("an erasure could not be finished; it is tried again in a minute")
        finally:
            connections.close_all()
