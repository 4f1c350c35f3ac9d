"""Keeps listeners who deleted their account deleted, although a backup still has them.

A database remembers deletions as tombstones, for as long as the longest outage allowed. The very
database that was backed up needs no tombstones: a listener of the backup who is not in it any more
was deleted, except by an earlier restore, which removed the listeners who had joined after its
backup. Those are recorded here.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model

from tunetrace_site.machine.files import state_path
from tunetrace_site.replication.databases import has_two_databases
from tunetrace_site.replication.models import RowVersion
from tunetrace_site.replication.purge import LONGEST_OUTAGE_DAYS
from tunetrace_site.replication.router import pinned

from . import BackupError
from .archive import Header
from .snapshot import find_histories

_CHUNK_ROWS = 500
# More deletions than this, as a share of all listeners and as a number, look like the very mistake
# that the restore is to undo.
_MANY_SHARE = 0.1
_MANY_ROWS = 10


def check_age(header: Header) -> None:
    """Raise ``BackupError`` for a backup that is older than deletions are remembered."""
    age = datetime.now(UTC) - header.made_at
    if age > timedelta(days=LONGEST_OUTAGE_DAYS):
        raise BackupError(
            f"it was made {age.days} days ago, and deletions are remembered for "
            f"{LONGEST_OUTAGE_DAYS}: accounts deleted before that would come back (--old restores "
            "it all the same)"
        )


class DeletionMemory:
    """What a database knows of listeners deleted since a backup; read before it is overwritten."""

    def __init__(self, alias: str, header: Header) -> None:
        self._knows_all = not set(header.histories).isdisjoint(find_histories())
        self._tombstones: set[str] = set()
        if has_two_databases():
            table = get_user_model()._meta.db_table
            rows = RowVersion.objects.using(alias).filter(table_name=table, deleted=True)
            self._tombstones = set(rows.values_list("row_pk", flat=True))
        self._taken_out = _read_taken_out()

    def was_deleted(self, listener: int) -> bool:
        """Return whether a listener missing in the database was deleted other than by a restore."""
        is_known = self._knows_all or str(listener) in self._tombstones
        return is_known and listener not in self._taken_out


def check_number(deleted: Sequence[int], n_listeners: int) -> None:
    """Raise ``BackupError`` when so many were deleted that it may have been a mistake."""
    if len(deleted) > max(_MANY_ROWS, _MANY_SHARE * n_listeners):
        raise BackupError(
            f"{len(deleted)} of its {n_listeners} listeners were deleted since: say whether they "
            "come back (--deleted-accounts=back) or are deleted again (--deleted-accounts=again)"
        )


def delete_again(alias: str, listeners: Sequence[int]) -> None:
    """Delete listeners and all their data, in the caller's transaction."""
    users = get_user_model()._base_manager.using(alias)
    with pinned(alias):
        for start in range(0, len(listeners), _CHUNK_ROWS):
            users.filter(pk__in=listeners[start : start + _CHUNK_ROWS]).delete()


def note_taken_out(listeners: Iterable[int]) -> None:
    """Record the listeners whom a restore removed: they did not ask for it and may come back."""
    with state_path("restored-without").open("a", encoding="ascii") as file:
        file.writelines(f"{pk}\n" for pk in listeners)


def _read_taken_out() -> set[int]:
    with suppress(FileNotFoundError), state_path("restored-without").open(encoding="ascii") as file:
        return {int(line) for line in file}
    return set()
