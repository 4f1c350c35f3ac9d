"""Impressions: which songs were suggested to whom, to measure the success of suggestions.

A worker of the site writes lists after its responses, many in one unit of work: no request waits
for statistics, and under load they are the first thing to be dropped. Elsewhere (commands, tests) a
list is written at once.
"""

import logging
import threading
from collections.abc import Iterable

from cachetools import LRUCache
from django.db import IntegrityError, connections

from accounts.models import User
from music.models import Impression
from music.records import Suggestion
from tunetrace_site.machine.counters import Counter
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.unit import unit_of_work

MAX_WAITING = 5_000
"""The most rows that wait in a process; further lists are dropped until some are written."""
WRITE_EVERY_SECONDS = 1.0
SHED = Counter("impressions_shed")
"""``tunetrace_impressions_shed_total`` in ``/metrics``: rows that were never written."""

logger = logging.getLogger(__name__)

_recorded: LRUCache[str, bool] = LRUCache(maxsize=4096)
_lock = threading.Lock()
_waiting: list[Impression] = []
_is_written_beside = threading.Event()
_stop = threading.Event()


def record_impressions(
    *, listener: User, list_key: str, suggestions: tuple[Suggestion, ...]
) -> None:
    """Record a suggestion list once per listener, however often it is shown again."""
    request_id = f"{listener.pk:016x}{list_key[:16]}"
    with _lock:
        if request_id in _recorded:
            return
        _recorded[request_id] = True
    rows = [
        Impression(
            request_id=request_id,
            user=listener,
            song_id=suggestion.song_pk,
            position=position,
            stage=suggestion.stage,
        )
        for position, suggestion in enumerate(suggestions, start=1)
    ]
    _keep(rows)
    if not _is_written_beside.is_set():
        write_waiting()


def write_beside() -> None:
    """From now on, write waiting impressions every second, in a thread of this process."""
    _stop.clear()
    _is_written_beside.set()
    threading.Thread(target=_write_again_and_again, name="impressions", daemon=True).start()


def stop_writing_beside() -> None:
    """End that thread, and write the waiting impressions."""
    _stop.set()
    write_waiting()
    _is_written_beside.clear()


def write_waiting() -> None:
    """Write the waiting impressions in one unit of work.

    Those that cannot be written are dropped.
    """
    with _lock:
        rows, _waiting[:] = list(_waiting), []
    if not rows:
        return
    try:
        with unit_of_work():
            Impression.objects.bulk_create(_list_of_present(rows), ignore_conflicts=True)
    except (Unavailable, IntegrityError) as error:
        # No database takes writes, or a listener was deleted just now: suggestions matter more.
        SHED.increment(len(rows))
        logger.warning("%d rows of suggestion lists were not recorded: %s", len(rows), error)


def _keep(rows: list[Impression]) -> None:
    with _lock:
        if len(_waiting) + len(rows) > MAX_WAITING:
            SHED.increment(len(rows))
        else:
            _waiting.extend(rows)


def _list_of_present(rows: Iterable[Impression]) -> list[Impression]:
    """Return the rows whose listeners still exist."""
    listed = list(rows)
    if not _is_written_beside.is_set():
        return listed
    pks = User.objects.filter(pk__in={row.user_id for row in listed}).values_list("pk", flat=True)
    present = set(pks)
    return [row for row in listed if row.user_id in present]


def _write_again_and_again() -> None:
    while not _stop.wait(WRITE_EVERY_SECONDS):
        try:
            write_waiting()
        except Exception:
            logger.exception("writing suggestion lists failed")
        finally:
            connections.close_all()
