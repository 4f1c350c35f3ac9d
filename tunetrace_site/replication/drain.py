"""Replays one database's change log in the other, from the last position on.

The cursor is stored in the reading database and moves in the transaction that writes the rows, so
that a database restored from a backup has the cursor of that backup. The log also holds, in the
order of their arrival, the rows that came from the reader itself: a reader that has forgotten its
last commits has forgotten as much of its cursor, and gets those rows again. Rows that it knows
already, which are nearly all, cost one look at the versions.
"""

from collections.abc import Sequence
from itertools import takewhile

from django.db import connections
from django.dispatch import Signal

from .apply import apply_images, find_unknown
from .conflicts import apply_with_what_it_needs, find_key
from .databases import POSTGRES, SQLITE, display_name, log_name, other
from .failures import DATABASE_ERRORS, Meaning, diagnose
from .images import RowImage, RowKey, read_images
from .log import Entry, Position, find_version_at, is_purged, read_entries, read_log_id
from .models import Cursor, Parked
from .versions import first_version

rows_arrived = Signal()
"""Sent with ``images`` after a commit of rows from the other database, for caches."""

BATCH_ENTRIES = 1000
_PARKED_A_PASS = 100


_CUT = "entries cut off"


class HistoryRewritten(Exception):
    """Log and cursor do not fit; ``lost_by`` names the database that was restored or recreated."""

    def __init__(self, reason: str, lost_by: str) -> None:
        super().__init__(reason)
        self.lost_by = lost_by


def find_cursor(source: str, target: str) -> Cursor | None:
    """Return how far ``target`` has read the log of ``source``."""
    return Cursor.objects.using(target).filter(source=log_name(source)).first()


def position_of(cursor: Cursor) -> Position:
    return Position(cursor.xid, cursor.change_id)


def note_cut(source: str, position: Position) -> None:
    """Record that unread entries of the log of ``source`` are gone, up to before ``position``.

    A reader whose last entry is among them is told by its absence; this tells one that has read
    nothing yet.
    """
    place = {"xid": position.xid, "change_id": position.change_id, "version": 0}
    Cursor.objects.using(source).update_or_create(source=_CUT, defaults={**place, "log_id": ""})


def read_cut(source: str) -> Position:
    """Return up to before which entry the log of ``source`` was cut off; 0 if it never was."""
    cut = Cursor.objects.using(source).filter(source=_CUT).first()
    return position_of(cut) if cut else Position()


def check_history(source: str, target: str) -> Cursor:
    """Return the cursor of ``target``.

    Raises ``HistoryRewritten`` unless the log of ``source`` still leads up to it.
    """
    reader, writer = display_name(target), display_name(source)
    cursor = find_cursor(source, target)
    if cursor is None or cursor.log_id != read_log_id(source):
        raise HistoryRewritten(f"{reader} has not read this log of {writer} before", source)
    position = position_of(cursor)
    if not cursor.change_id and position < read_cut(source):
        raise HistoryRewritten(f"{reader} was away for longer than the log of {writer}", target)
    if cursor.change_id and find_version_at(source, position) != cursor.version:
        # Entries are purged after they were read: a reader that asks for them again has gone back.
        lost_by = target if is_purged(source, position) else source
        reason = f"what {reader} read last is not in the log of {writer} any more"
        raise HistoryRewritten(reason, lost_by)
    return cursor


def find_rewritten() -> str | None:
    """Return the database that lost changes it had (restored, emptied, new), or None.

    Such a database must not answer until it has been sent everything.
    """
    new = [alias for alias in (POSTGRES, SQLITE) if find_cursor(other(alias), alias) is None]
    if new:
        # When both meet for the first time, SQLite is the one that has been in use.
        return new[0]
    for source in (SQLITE, POSTGRES):
        try:
            check_history(source, other(source))
        except HistoryRewritten as reason:
            return reason.lost_by
    return None


def misses_entries(source: str, target: str) -> bool:
    """Return whether ``target`` lacks a change that the log of ``source`` holds after its cursor.

    Returns False where the log cannot tell; ``find_rewritten`` finds those cases.
    """
    cursor = find_cursor(source, target)
    if cursor is None:
        return False
    read_up_to = position_of(cursor)
    while entries := read_entries(source, read_up_to, BATCH_ENTRIES):
        if find_unknown(target, _latest_keys(entries)):
            return True
        read_up_to = entries[-1].position
    return False


def drain(source: str, target: str) -> int:
    """Apply the entries of the log of ``source`` that ``target`` lacks; return the rows changed.

    Reads to the end that the log has now, but leaves the cursor before the first transaction that
    may still be running. Raises ``HistoryRewritten``.
    """
    cursor = check_history(source, target)
    read_up_to, all_settled, n_changed = position_of(cursor), True, 0
    while entries := read_entries(source, read_up_to, BATCH_ENTRIES):
        images = read_images(source, find_unknown(target, _latest_keys(entries)))
        # After the first unsettled entry, a transaction before it may commit while this drain goes
        # on: entries that a later batch calls settled may then follow a gap.
        moved = _moved_cursor(cursor, entries) if all_settled else None
        if images or moved:
            n_changed += apply_and_tell(source, target, images, moved)
        all_settled = all_settled and all(entry.is_settled for entry in entries)
        cursor, read_up_to = moved or cursor, entries[-1].position
    return n_changed


def _latest_keys(entries: Sequence[Entry]) -> list[RowKey]:
    return list({(entry.key.table, entry.key.pk): entry.key for entry in entries}.values())


def _moved_cursor(cursor: Cursor, entries: Sequence[Entry]) -> Cursor | None:
    settled = list(takewhile(lambda entry: entry.is_settled, entries))
    if not settled:
        return None
    last = settled[-1]
    return Cursor(
        source=cursor.source,
        log_id=cursor.log_id,
        xid=last.position.xid,
        change_id=last.position.change_id,
        version=last.version,
    )


def apply_and_tell(
    source: str, target: str, images: Sequence[RowImage], cursor: Cursor | None = None
) -> int:
    """Call ``apply_batch`` and send the signal ``rows_arrived`` when rows changed."""
    n_changed = apply_batch(source, target, images, cursor)
    if n_changed:
        rows_arrived.send_robust(sender=target, images=images)
    return n_changed


def apply_batch(
    source: str, target: str, images: Sequence[RowImage], cursor: Cursor | None = None
) -> int:
    """Apply images.

    Those that ``target`` refuses are parked at ``source`` and hold up no others.
    """
    try:
        return apply_images(target, images, cursor)
    except DATABASE_ERRORS as error:
        if diagnose(error) is not Meaning.REFUSED:
            raise
    n_changed = _apply_in_halves(source, target, images)
    apply_images(target, [], cursor)
    return n_changed


def _apply_in_halves(source: str, target: str, images: Sequence[RowImage]) -> int:
    if len(images) == 1:
        return _apply_or_park(source, target, images[0])
    n_changed = 0
    middle = len(images) // 2
    for half in (images[:middle], images[middle:]):
        n_changed += (
            apply_batch(source, target, half)
            if len(half) > 1
            else (_apply_or_park(source, target, half[0]))
        )
    return n_changed


def _apply_or_park(source: str, target: str, image: RowImage) -> int:
    try:
        apply_with_what_it_needs(source, target, image)
    except (*DATABASE_ERRORS, ValueError) as error:
        if diagnose(error) is not Meaning.REFUSED:
            raise
        _park(source, target, image, error)
        return 0
    return 1


def _park(source: str, target: str, image: RowImage, error: Exception) -> None:
    row = {"table_name": image.table, "row_pk": image.pk, "target": log_name(target)}
    parked, is_new = Parked.objects.using(source).get_or_create(
        **row, defaults={"error": str(error)[:500]}
    )
    if not is_new:
        parked.n_attempts += 1
        parked.error = str(error)[:500]
        parked.save(using=source)


def retry_parked(source: str, target: str) -> int:
    """Try the parked rows again, least recently tried first; return how many remain."""
    waiting = Parked.objects.using(source).filter(target=log_name(target))
    for parked in waiting.order_by("n_attempts", "pk")[:_PARKED_A_PASS]:
        key = find_key(source, parked.table_name, parked.row_pk)
        version = key.version or first_version(connections[source].vendor)
        key = RowKey(key.table, key.pk, version, key.deleted)
        try:
            for image in read_images(source, [key]):
                apply_with_what_it_needs(source, target, image)
        except (*DATABASE_ERRORS, ValueError) as error:
            if diagnose(error) is not Meaning.REFUSED:
                raise
            parked.n_attempts += 1
            parked.save(using=source)
        else:
            parked.delete(using=source)
    return waiting.count()
