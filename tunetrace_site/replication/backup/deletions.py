"""Listeners who had their account deleted stay deleted, though a backup knows them.

A database remembers deletions by tombstones for as long as the longest outage allowed. One that is
the very one that was backed up needs none: whoever is not in it any more was deleted. Except by
an earlier restore, which took out the listeners who had come after its backup: that is noted here.
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
# More of them than this, of all listeners and in number, look like the mistake to be undone.
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
    """What a database knows of listeners deleted since a backup; asked before it is overwritten."""

    def __init__(self, alias: str, header: Header) -> None:
        self._knows_all = not set(header.histories).isdisjoint(find_histories())
        self._tombstones: set[str] = set()
        if has_two_databases():
            table = get_user_model()._meta.db_table
            rows = RowVersion.objects.using(alias).filter(table_name=table, deleted=True)
            self._tombstones = set(rows.values_list("row_pk", flat=True))
        self._taken_out = _read_taken_out()

    def was_deleted(self, listener: int) -> bool:
        """Whether a listener who is not in the database was deleted, by no restore."""
        is_known = self._knows_all or str(listener) in self._tombstones
        return is_known and listener not in self._taken_out


def check_number(deleted: Sequence[int], n_listeners: int) -> None:
    """Raise ``BackupError`` when so many were deleted that it may have been the mistake."""
    if len(deleted) > max(_MANY_ROWS, _MANY_SHARE * n_listeners):
        raise BackupError(
            f"{len(deleted)} of its {n_listeners} listeners were deleted since: say whether they "
            "come back (--deleted-accounts=back) or are deleted again (--deleted-accounts=again)"
        )


def delete_again(alias: str, listeners: Sequence[int]) -> None:
    """Delete listeners and all that is theirs, in the caller's transaction."""
    users = get_user_model()._base_manager.using(alias)
    with pinned(alias):
        for start in range(0, len(listeners), _CHUNK_ROWS):
            users.filter(pk__in=listeners[start : start + _CHUNK_ROWS]).delete()


def note_taken_out(listeners: Iterable[int]) -> None:
    """Remember whom a restore took out: they did not ask for it, and may come back."""
    with state_path("restored-without").open("a", encoding="ascii") as file:
        file.writelines(f"{pk}\n" for pk in listeners)


def _read_taken_out() -> set[int]:
    with suppress(FileNotFoundError), state_path("restored-without").open(encoding="ascii") as file:
        return {int(line) for line in file}
    return set()
