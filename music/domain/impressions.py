"""Impressions: which lists were suggested to whom, to measure the success of suggestions.

A worker of the site writes lists after its responses, many in one unit of work: no request waits
for statistics, and under load they are the first thing to be dropped. Elsewhere (commands, tests) a
list is written at once.
"""

import logging
import threading
from collections.abc import Collection, Iterable

from cachetools import LRUCache
from django.db import IntegrityError, connections
from django.db.models import Exists, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import User
from music.models import Impression, Song
from music.models.impression import Outcome
from music.records import Suggestion
from tunetrace_site.machine.counters import Counter
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.prepared import PreparedQuery, insert_missing
from tunetrace_site.replication.unit import unit_of_work

MAX_WAITING = 500
"""The most lists that wait in a process; further ones are dropped until some are written."""
MAX_LOOKED_THROUGH = 500
"""So many of a listener's newest lists are looked through for songs that they like or dismiss."""
WRITE_EVERY_SECONDS = 1.0
SHED = Counter("impressions_shed")
"""``tunetrace_impressions_shed_total`` in ``/metrics``: lists that were never written."""

# The numbers as text: making numbers of hundreds of lists would take longer than all the rest of a
# like. Last, whether a song was joined to one of those given.
_NEWEST = PreparedQuery(
    Impression,
    lambda listener, songs: (
        Impression.objects.filter(Q(song_ids__isnull=False) | Q(song__among=songs), user=listener)
        .order_by("-created_at")
        .values_list(
            "pk",
            Cast("song_ids", TextField()),
            "song_id",
            Exists(Song.objects.filter(joined_to__among=songs)),
        )
    )[:MAX_LOOKED_THROUGH],
)
logger = logging.getLogger(__name__)

_recorded: LRUCache[str, bool] = LRUCache(maxsize=4096)
_lock = threading.Lock()
_waiting: list[Impression] = []
_is_written_beside = threading.Event()
_stop = threading.Event()


def record_impressions(
    *, listener: User, list_key: str, suggestions: tuple[Suggestion, ...]
) -> None:
    """Record a suggestion list once per listener, however often it is shown again.

    A list of no songs is not recorded.
    """
    if not suggestions:
        return
    request_id = f"{listener.pk:016x}{list_key[:16]}"
    with _lock:
        if request_id in _recorded:
            return
        _recorded[request_id] = True
    _keep(
        Impression.of_list(
            user_id=listener.pk,
            request_id=request_id,
            songs=((song.song_pk, song.stage) for song in suggestions if song.song_pk),
        )
    )
    if not _is_written_beside.is_set():
        write_waiting()


def record_outcome(*, listener: User, song_pks: Collection[int], outcome: Outcome) -> None:
    """Note in the lists that the listener was shown which songs were liked or dismissed just now.

    Runs in the caller's unit of work: one statement for somebody with lists, one more where another
    song was joined to one of them, and two more where a song stands in a list.
    """
    newest = _NEWEST.fetch(listener.pk, song_pks)
    meant = set(song_pks)
    if newest and newest[0][-1]:
        joined = Song.objects.filter(joined_to__in=song_pks)
        meant |= set(joined.values_list("pk", flat=True))
    keys = {pk for pk, _, one, _ in newest if one in meant}
    for number in map(str, meant):
        keys |= {pk for pk, numbers, _, _ in newest if numbers and number in numbers}
    if keys:
        # Locked: of two likes at once each would write back the list without the other one.
        rows = Impression.objects.select_for_update().filter(pk__in=keys).order_by("pk")
        now = timezone.now()
        changed = [row for row in rows if row.note(outcome, meant, now)]
        Impression.objects.bulk_update(changed, ["outcomes", outcome])


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
            insert_missing(_list_of_present(rows))
    except (Unavailable, IntegrityError) as error:
        # No database takes writes, or a listener was deleted just now: suggestions matter more.
        SHED.increment(len(rows))
        logger.warning("%d suggestion lists were not recorded: %s", len(rows), error)


def _keep(row: Impression) -> None:
    with _lock:
        if len(_waiting) >= MAX_WAITING:
            SHED.increment()
        else:
            _waiting.append(row)


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
