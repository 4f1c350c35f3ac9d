"""Bring the databases to the current schema, and into step with each other."""

from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from tunetrace_site.replication.databases import (
    DISPLAY_NAMES,
    POSTGRES,
    SQLITE,
    has_two_databases,
    other,
)
from tunetrace_site.replication.failures import DATABASE_ERRORS, is_unavailable
from tunetrace_site.replication.marks import Mark, is_behind, is_down, set_marks
from tunetrace_site.replication.relay import Relay, sync_lock
from tunetrace_site.replication.schema import (
    ensure_capture,
    migrate,
    needs_migration,
    retire_capture,
)
from tunetrace_site.replication.write_queue import writer_turn

# As long as another process may take to migrate SQLite.
_PATIENCE_SECONDS = 300.0


class Command(BaseCommand):
    help = (
        "Apply migrations to both databases, install change capture and let them exchange what "
        "they miss. Safe to run at any time, also on a live site and with one database down."
    )
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not has_two_databases():
            with writer_turn(SQLITE, _PATIENCE_SECONDS):
                self._prepare(SQLITE)
                is_retired = retire_capture(SQLITE)
            if is_retired:
                self.stdout.write("PostgreSQL is not configured: SQLite goes on alone.")
            return
        with sync_lock():
            unusable = [a for a in (SQLITE, POSTGRES) if not self._prepare_or_mark(a)]
            _withdraw_the_missing(unusable)
        if not unusable:
            self._exchange()

    def _prepare(self, alias: str) -> None:
        if needs_migration(alias):
            self.stdout.write(f"{DISPLAY_NAMES[alias]}: applying migrations …")
            migrate(alias)
        self.stdout.write(f"{DISPLAY_NAMES[alias]}: the schema is current.")

    def _prepare_or_mark(self, alias: str) -> bool:
        """Whether the database could be prepared; one that is down joins by itself later."""
        try:
            if needs_migration(alias):
                # Nobody may write rows while their capture is off.
                set_marks(alias, Mark.DOWN)
            self._prepare(alias)
            ensure_capture(alias)
        except DATABASE_ERRORS as error:
            if not is_unavailable(error):
                raise
            connections[alias].close()
            set_marks(alias, Mark.DOWN)
            self.stderr.write(f"{DISPLAY_NAMES[alias]} cannot be used now: {error}".strip())
            self.stderr.write("The site runs on the other database; this one joins by itself.")
            return False
        return True

    def _exchange(self) -> None:
        relay = Relay()
        report = relay.run_pass()
        for event in report.events:
            self.stdout.write(f"{event}.")
        self.stdout.write(f"{report.n_changed} rows exchanged.")
        for alias in (SQLITE, POSTGRES):
            if is_down(alias) or is_behind(alias):
                self.stderr.write(f"{DISPLAY_NAMES[alias]} is not in service yet.")


def _withdraw_the_missing(unusable: Sequence[str]) -> None:
    """One that cannot be asked what it has missed must not answer before it has caught up.

    Where neither can be asked, or the other one is behind, it is still the best there is.
    """
    if len(unusable) == 1 and not is_behind(other(unusable[0])):
        set_marks(unusable[0], Mark.BEHIND)
