"""One pass of the relay: examine both databases, and send each what it misses.

The order is: probe, let writers write through again, replay both logs, put databases that have
caught up back into service. If writers were kept away from a database until it has caught up, it
never would.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connections, transaction

from tunetrace_site.machine.files import state_path
from tunetrace_site.machine.locks import FileLock

from .databases import (
    POSTGRES,
    SQLITE,
    alias_of,
    display_name,
    other,
    postgres_connection,
    sqlite_connection,
)
from .drain import HistoryRewritten, drain, find_rewritten, misses_entries, retry_parked
from .failures import (
    DATABASE_ERRORS,
    FileTakenAway,
    Meaning,
    diagnose,
    explain,
    has_old_schema,
    is_damage,
    vendor_of,
)
from .full_sync import sync_everything
from .keys import start_counting_above_the_rows
from .marks import (
    Mark,
    beat,
    clear_mark,
    is_behind,
    is_down,
    known_server,
    note_reason,
    note_sqlite_file,
    read_mark,
    set_marks,
)
from .models import State
from .purge import bound_sometimes, purge_sometimes
from .schema import ensure_capture, migrate, needs_migration
from .server_identity import find_server, may_meet_another_server, note_progress, read_server
from .sqlite.base import refuse_damaged_sqlite, set_aside_sqlite
from .triggers import find_uncaptured_tables
from .versions import ReferenceClock, align_clocks
from .write_queue import writer_turn

_PATIENCE_SECONDS = 10.0
_PROBE_EVERY_SECONDS = 5.0
# A server that forgot rows may forget rows of other machines as well; those send theirs later.
_KEYS_LEFT_FREE = 10_000


@dataclass(slots=True)
class PassReport:
    """What one pass did, for the log."""

    events: list[str] = field(default_factory=list)
    n_changed: int = 0


class Relay:
    """The state that a relay keeps from pass to pass."""

    def __init__(self) -> None:
        self._clock = ReferenceClock()
        self._probed_at = {SQLITE: 0.0, POSTGRES: 0.0}

    def run_pass(self) -> PassReport:
        """Run one pass. Never raises for an unavailable database."""
        report = PassReport()
        with sync_lock():
            beat()
            connections[SQLITE].close_if_unusable_or_obsolete()
            usable = [self._look_after(alias, report) for alias in (SQLITE, POSTGRES)]
            if all(usable):
                self.exchange(report)
            else:
                self._bound_log_of_the_other(usable, report)
        return report

    def _bound_log_of_the_other(self, usable: Sequence[bool], report: PassReport) -> None:
        """Keep the log of the database that serves alone within its bounds."""
        for alias, is_usable in zip((SQLITE, POSTGRES), usable, strict=True):
            try:
                if is_usable and (news := bound_sometimes(alias)):
                    report.events.append(news)
            except DATABASE_ERRORS as error:
                report.events.append(f"the log was not bounded: {explain(error)}")
                connections[alias].close()

    def _look_after(self, alias: str, report: PassReport) -> bool:
        """Return whether ``alias`` can be used; clear its ``DOWN`` mark when it can again."""
        if alias == POSTGRES:
            self._notice_another_server(report)
        down = read_mark(alias, Mark.DOWN)
        due = time.monotonic() - self._probed_at[alias] > _PROBE_EVERY_SECONDS
        if not down.is_set and not due:
            return True
        try:
            is_new_schema = down.is_set and _prepare(alias)
            probe(alias)
            if down.is_set:
                _inspect(alias)
                if alias == POSTGRES:
                    read_server().note()
        except DATABASE_ERRORS as error:
            connections[alias].close()
            note_reason(alias, explain(error))
            if is_damage(error) and (place := set_aside_sqlite()):
                report.events.append(f"SQLite's file is damaged, and now {place}")
            if not down.is_set and not isinstance(error, FileTakenAway):
                set_marks(alias, Mark.DOWN)
                report.events.append(f"{display_name(alias)} is down: {explain(error)}")
            return False
        self._probed_at[alias] = time.monotonic()
        if is_new_schema and not is_down(other(alias)):
            # Processes of the old code do not know the new columns, and do not write through
            # meanwhile.
            self.exchange(report)
        if down.is_set and clear_mark(alias, Mark.DOWN, down):
            note_reason(alias, "")
            report.events.append(f"{display_name(alias)} is up")
        return True

    def _notice_another_server(self, report: PassReport) -> None:
        """Withdraw a PostgreSQL that may have lost changes until it was compared with SQLite."""
        if is_down(POSTGRES):
            return
        try:
            server = find_server()
            if server is None:
                # The probe, which is due now, reports the error.
                self._probed_at[POSTGRES] = 0.0
            elif not known_server()[0]:
                _inspect(POSTGRES)
                server.note()
            elif not server.is_known:
                set_marks(POSTGRES, Mark.DOWN)
                report.events.append("PostgreSQL is another server, or was restarted")
        except DATABASE_ERRORS:
            connections[POSTGRES].close()

    def exchange(self, report: PassReport) -> None:
        """Replay both logs; the caller holds ``sync_lock``. Never raises for a broken database."""
        try:
            with postgres_connection().patience(_PATIENCE_SECONDS):
                if news := align_clocks(self._clock):
                    report.events.append(news)
                report.n_changed += exchange(report)
                self._note_complete_file()
                note_progress()
                purge_sometimes()
        except DATABASE_ERRORS as error:
            if diagnose(error) is not Meaning.COLLISION:
                report.events.append(f"replay stopped: {explain(error)}")
            for alias in _suspects(error):
                connections[alias].close()
                self._probed_at[alias] = 0.0
                if is_damage(error) or has_old_schema(error):
                    # A probe would not meet this error; a database marked as down is inspected, and
                    # migrated.
                    set_marks(alias, Mark.DOWN)

    def _note_complete_file(self) -> None:
        """Tell the other processes that a SQLite file they have not opened yet is complete."""
        opened = sqlite_connection().opened_file()
        if opened and not (is_down(SQLITE) or is_behind(SQLITE)):
            note_sqlite_file(opened)


def take_out_unprepared() -> None:
    """Mark databases as down whose schema is older than the code, or that are not captured.

    A pass of the relay then prepares them. For a relay that begins to lead: the new code may have
    been started without ``init_db``.
    """
    for alias in (SQLITE, POSTGRES):
        try:
            if needs_migration(alias) or find_uncaptured_tables(connections[alias]):
                set_marks(alias, Mark.DOWN)
        except DATABASE_ERRORS:
            connections[alias].close()


def exchange(report: PassReport) -> int:
    """Replay both logs and clear the marks of databases that are level; return the rows changed."""
    seen = {alias: read_mark(alias, Mark.BEHIND) for alias in (SQLITE, POSTGRES)}
    try:
        n_changed = sum(drain(other(target), target) for target in seen)
    except HistoryRewritten as reason:
        for alias in (SQLITE, POSTGRES):
            _withdraw_if_rewritten(alias)
        seen = {alias: read_mark(alias, Mark.BEHIND) for alias in (SQLITE, POSTGRES)}
        report.events.append(f"sending everything both ways: {reason}")
        n_changed = sync_everything()
        n_changed += sum(drain(other(target), target) for target in seen)
    if seen[POSTGRES].is_set:
        # The database may hand out again keys that it has forgotten.
        start_counting_above_the_rows(connections[POSTGRES], gap=_KEYS_LEFT_FREE)
    for target, mark in seen.items():
        retry_parked(other(target), target)
        if mark.is_set and clear_mark(target, Mark.BEHIND, mark):
            report.events.append(f"{display_name(target)} is caught up")
    return n_changed


def probe(alias: str) -> None:
    """Raise unless ``alias`` can be written: a read would call a full or locked disk healthy."""
    with writer_turn(alias), transaction.atomic(using=alias):
        State.objects.using(alias).update(applying=False)


def _inspect(alias: str) -> None:
    """Examine a database that answers again: it may have lost rows, or be damaged."""
    if alias == SQLITE:
        refuse_damaged_sqlite()
    _withdraw_if_rewritten(alias)
    if not is_down(other(alias)) and misses_entries(other(alias), alias):
        set_marks(alias, Mark.BEHIND)


def _withdraw_if_rewritten(alias: str) -> None:
    """Mark a database that was restored or emptied as behind, whatever the other one misses."""
    if not is_down(other(alias)) and find_rewritten() == alias:
        set_marks(alias, Mark.BEHIND)


def _prepare(alias: str) -> bool:
    """Migrate and capture a database that comes back (it may be old or new).

    Return if that was due.
    """
    connections[alias].close()
    was_outdated = needs_migration(alias)
    if was_outdated:
        migrate(alias)
    ensure_capture(alias)
    return was_outdated


def _suspects(error: BaseException) -> list[str]:
    vendor = vendor_of(error)
    return [alias_of(vendor)] if vendor else [SQLITE, POSTGRES]


@contextmanager
def sync_lock() -> Iterator[None]:
    """Hold the lock under which one process here exchanges rows or changes the schema."""
    with may_meet_another_server(), FileLock(state_path("sync.lock")):
        yield
