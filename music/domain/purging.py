"""What is forgotten by itself: guests who do not come back, sessions, answers that have expired.

A job does so (``music/jobs/expiry.py``). What SQLite's files must forget, each machine sees to in a
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
    UserLikedSong,
)
from tunetrace_site.replication.erasing import finish_erasure
from tunetrace_site.replication.unit import run_pinned, run_unit

from .privacy import delete_listener

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
"""What a guest may have said, and the column that tells when."""
_SEEN: tuple[tuple[type[Model], str], ...] = (*_SAID, (Impression, "created_at"))
"""Signs of a visit: a page of suggestions is one, though nothing is said by it."""

logger = logging.getLogger(__name__)


def erase_beside() -> None:
    """Finish erasures from now on, in a thread of this process that looks once a minute."""
    threading.Thread(target=_erase_again_and_again, name="erasing", daemon=True).start()


def purge() -> dict[str, int]:
    """Forget everything that is due now; returns how many rows of each kind went."""
    return {
        "guests": expire_guests(),
        "sessions": forget_expired_sessions(),
        "answers": forget_expired_answers(),
        "suggestions": forget_old_impressions(),
    }


def expire_guests() -> int:
    """Delete guests without a visit for ``GUEST_DAYS``, and after a day those who said nothing.

    A visit is read from what is there: when they came first, and what they liked, played or were
    shown last. Listeners with an address and those whom client programs named never expire. A
    hundred guests are looked at, and deleted, in one unit of work. Returns how many went.
    """
    now = timezone.now()
    return sum(run_unit(partial(_expire, keys, now)) for keys in _walk_guests(now))


def _walk_guests(now: datetime) -> Iterator[list[int]]:
    """The keys of guests who are old enough to be empty, by the hundred."""
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
    """Delete those of these guests whose time is over; it is asked inside the unit."""
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
    """Delete what was kept of names for which nothing was found, once it is not believed."""
    return _delete_in_batches(QueryCache.objects.filter(expires_at__lt=timezone.now()))


def forget_old_impressions() -> int:
    """Delete what was suggested longer than ``IMPRESSION_DAYS`` ago; returns how many rows went."""
    before = timezone.now() - timedelta(days=settings.IMPRESSION_DAYS)
    return _delete_in_batches(Impression.objects.filter(created_at__lt=before))


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
            # The file of the machine's caches: by whichever of its processes comes first.
            if cache.add("expired-lists-erased", 1, ERASE_LISTS_EVERY_SECONDS):
                stack.erase_expired()
        except Exception:
            logger.exception("an erasure could not be finished; it is tried again in a minute")
        finally:
            connections.close_all()
