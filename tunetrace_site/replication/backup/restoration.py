"""Makes both databases hold what a backup holds, as the newest change of all.

Each database is written in one transaction, and nobody else writes meanwhile: reads are answered
from what was there before, writes with status 503. Every row that changes gets one version above
all that exist, every row that goes a tombstone with it, and the leading database logs them. So no
older change can undo the restore, on any machine. If this process dies between the two commits, the
relay completes the restore; if it dies before the first, nothing has happened.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tunetrace_site.replication.apply import apply_images, write_newer
from tunetrace_site.replication.databases import (
    ALONE,
    POSTGRES,
    SQLITE,
    display_name,
    has_sqlite,
    has_two_databases,
    other,
    preferred,
)
from tunetrace_site.replication.drain import HistoryRewritten, drain, find_cursor
from tunetrace_site.replication.failures import DATABASE_ERRORS, explain
from tunetrace_site.replication.images import read_images
from tunetrace_site.replication.keys import separate_counters
from tunetrace_site.replication.log import begin_capture, read_end, read_own_changes
from tunetrace_site.replication.marks import (
    is_behind,
    is_down,
)
from tunetrace_site.replication.models import RowVersion
from tunetrace_site.replication.versions import new_version_sql, next_version

from . import BackupError, database_restored
from .archive import Contents
from .bulk import log_version
from .deletions import DeletionMemory, check_number, delete_again, note_taken_out
from .exclusion import alone_in, site_reads_only, uncaptured
from .rewriting import Changes, rewrite_database
from .snapshot import has_current_schema

Progress = Callable[[str, int], None]
"""Called with the name of a table and the number of rows just read."""


@dataclass(frozen=True)
class Restored:
    """The result of a restore."""

    n_written: int
    n_deleted: int
    n_deleted_again: int
    left_to_relay: str | None  # the database that the relay completes


def choose_targets(into: str | None) -> tuple[str, ...]:
    """Return the databases to write, the leading one first.

    ``into`` is ``sqlite``, ``postgres`` or None for all there are. Raises ``BackupError`` when one
    of the chosen databases cannot be written now.
    """
    if not has_two_databases():
        if into is not None and into != ("sqlite" if has_sqlite() else "postgres"):
            raise BackupError(f"there is only {display_name(ALONE)}")
        return (ALONE,)
    if into is not None:
        return ({"sqlite": SQLITE, "postgres": POSTGRES}[into],)
    targets = (preferred(), other(preferred()))
    for alias in targets:
        if is_down(alias) or is_behind(alias):
            healthy = {SQLITE: "postgres", POSTGRES: "sqlite"}[alias]
            raise BackupError(
                f"{display_name(alias)} is not in service: start it, or restore --into {healthy} "
                "and let it catch up later"
            )
    return targets


def restore_archive(
    file: BinaryIO,
    contents: Contents,
    targets: Sequence[str],
    *,
    deleted_accounts: str | None = None,
    progress: Progress | None = None,
) -> Restored:
    """Make ``targets`` hold exactly what a checked backup of the current schema holds.

    Listeners who deleted their account after the backup are deleted again; with
    ``deleted_accounts="back"`` they come back. When they are many the caller must say which
    (``"again"`` or ``"back"``). Raises ``BackupError``, and then nothing has changed.
    """
    work = _Restore(file, contents, targets, deleted_accounts, progress)
    try:
        for alias in targets:
            if not has_current_schema(alias):
                name = display_name(alias)
                raise BackupError(f"the schema of {name} is not that of this code: run init_db")
        with site_reads_only() as done:
            work.run(done)
    except DATABASE_ERRORS as error:
        hint = " (--into writes one alone)" if len(targets) > 1 else ""
        raise BackupError(f"the database refuses: {explain(error)}{hint}") from error
    note_taken_out(work.changes.listeners_gone)
    database_restored.send(sender=None)
    left = [alias for alias in (SQLITE, POSTGRES) if has_two_databases() and alias not in done]
    return Restored(
        work.changes.n_written,
        work.changes.n_deleted,
        len(work.deleted_again),
        left[0] if left else None,
    )


class _Restore:
    """One running restore; ``leader`` is written, logged and committed first."""

    def __init__(
        self,
        file: BinaryIO,
        contents: Contents,
        targets: Sequence[str],
        deleted_accounts: str | None,
        progress: Progress | None,
    ) -> None:
        self._file, self._contents, self._progress = file, contents, progress
        self._leader, self._follower = targets[0], targets[1] if len(targets) > 1 else None
        self._choice = deleted_accounts
        self.changes = Changes()
        self.deleted_again: list[int] = []

    def run(self, done: list[str]) -> None:
        """Write and commit; append each database that holds the backup to ``done``."""
        try:
            with ExitStack() as stack:
                if self._follower:
                    stack.enter_context(alone_in(self._follower))
                with alone_in(self._leader):
                    self._write()
                done.append(self._leader)
                if self._follower:
                    self._skip_in_log(self._follower)
        except DATABASE_ERRORS:
            if not done:
                raise
            return  # the follower could not commit: the relay will send it the log
        if self._follower:
            done.append(self._follower)

    def _write(self) -> None:
        targets = [alias for alias in (self._leader, self._follower) if alias]
        if self._follower:
            _level()
        memory = DeletionMemory(self._leader, self._contents.header)
        version = _newest_version(targets) if has_two_databases() else None
        self._rewrite(version, memory)
        self._delete_accounts()
        for alias in targets:
            # Of several machines, all read PostgreSQL's log.
            is_read = alias == POSTGRES and settings.SEVERAL_MACHINES
            if version and (is_read or alias == self._leader):
                log_version(alias, version)
            separate_counters(connections[alias])

    def _rewrite(self, version: int | None, memory: DeletionMemory) -> None:
        """Rewrite both databases at once: while one writes, rows are read for the other."""
        failed = threading.Event()

        def stop_if_failed(table: str, n_rows: int) -> None:
            if failed.is_set():
                raise BackupError(f"the other database failed before {table} was written")

        with ThreadPoolExecutor(1) as beside:
            follower = None
            if self._follower:
                lent = connections[self._follower]
                follower = beside.submit(self._rewrite_lent, lent, version, memory, stop_if_failed)
            try:
                with uncaptured(self._leader):
                    self.changes = rewrite_database(
                        self._leader, self._file, version, memory.was_deleted, self._progress
                    )
            except BaseException:
                failed.set()
                raise
            if follower:
                follower.result()

    def _rewrite_lent(
        self,
        connection: BaseDatabaseWrapper,
        version: int | None,
        memory: DeletionMemory,
        progress: Progress,
    ) -> None:
        """Rewrite in a second thread, on the connection that holds the transaction."""
        connections[connection.alias] = connection
        connection.inc_thread_sharing()
        try:
            with uncaptured(connection.alias):
                rewrite_database(
                    connection.alias, self._file, version, memory.was_deleted, progress
                )
        finally:
            connection.dec_thread_sharing()

    def _delete_accounts(self) -> None:
        if self._choice == "back":
            return
        self.deleted_again = self.changes.listeners_back
        if self._choice is None:
            table = get_user_model()._meta.db_table
            check_number(self.deleted_again, self._contents.n_rows[table])
        if not self.deleted_again:
            return
        begun_at = begin_capture(self._leader)
        delete_again(self._leader, self.deleted_again)
        if self._follower:
            images = read_images(self._leader, read_own_changes(self._leader, begun_at))
            with uncaptured(self._follower):
                write_newer(self._follower, images)

    def _skip_in_log(self, follower: str) -> None:
        """Move the follower's cursor past what the leader has just logged and both have written.

        It does not pass a transaction that may still commit: then the follower reads the entries
        again, which changes nothing.
        """
        cursor, end = find_cursor(self._leader, follower), read_end(self._leader)
        if cursor and end:
            position, cursor.version = end
            cursor.xid, cursor.change_id = position.xid, position.change_id
            apply_images(follower, [], cursor)


def _level() -> None:
    """Exchange all changes of both databases, so that their tombstones cover every row that goes.

    Raises ``BackupError`` when one of the databases has lost its history.
    """
    try:
        for source, target in ((SQLITE, POSTGRES), (POSTGRES, SQLITE)):
            drain(source, target)
    except HistoryRewritten as error:
        raise BackupError(f"the databases are not level yet ({error}): run init_db") from error


def _newest_version(aliases: Sequence[str]) -> int:
    """Return a version above every version in these databases."""
    newest = 0
    for alias in aliases:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                f"SELECT max(version), {new_version_sql(connections[alias].vendor)}"
                f" FROM {RowVersion._meta.db_table}"
            )
            newest = max(newest, *(version or 0 for version in cursor.fetchone()))
    return next_version(newest, connections[aliases[0]].vendor)
