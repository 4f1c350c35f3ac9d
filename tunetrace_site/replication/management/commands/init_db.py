"""Command: bring the databases to the current schema, and make both hold the same rows."""

import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from tunetrace_site.replication import without_sqlite
from tunetrace_site.replication.databases import (
    ALONE,
    POSTGRES,
    SQLITE,
    display_name,
    has_sqlite,
    has_two_databases,
    other,
)
from tunetrace_site.replication.failures import DATABASE_ERRORS, is_full_disk, is_unavailable
from tunetrace_site.replication.machines import NumberTaken, refuse_taken_number
from tunetrace_site.replication.marks import (
    Mark,
    is_behind,
    is_in_service,
    read_reason,
    set_marks,
)
from tunetrace_site.replication.relay import PassReport, Relay, sync_lock
from tunetrace_site.replication.schema import (
    ensure_capture,
    migrate,
    needs_migration,
    retire_capture,
)

# How long another transaction may hold a table, and how long catching up may take, in seconds.
_LOCK_SECONDS = 60.0
_EXCHANGE_SECONDS = 60.0
_PAUSE_SECONDS = 0.2


class Command(BaseCommand):
    help = (
        "Apply migrations to both databases, install change capture and let them exchange what "
        "they miss. Safe to run at any time, also on a live site and with one database down."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--contract",
            action="store_true",
            help="also drop what only processes of an older version use: none is running",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._contract = options["contract"]
        try:
            self._bring_up_to_date()
        except (OSError, *DATABASE_ERRORS) as error:
            if not is_full_disk(error):
                raise
            raise CommandError(
                "There is no room left on a disk that holds "
                f"STATE_DIR={settings.STATE_DIR} or {settings.SQLITE_FILE}: "
                "make some and start again. What was there is as it was."
            ) from error

    def _bring_up_to_date(self) -> None:
        if not has_sqlite():
            self._go_without_sqlite()
            return
        if not has_two_databases():
            self._prepare(ALONE)
            if retire_capture(ALONE):
                self.stdout.write("PostgreSQL is not configured: SQLite goes on alone.")
            return
        relay, report = Relay(), PassReport()
        with sync_lock():
            unusable = [a for a in (SQLITE, POSTGRES) if not self._prepare_or_mark(a)]
            _withdraw_the_missing(unusable)
            if POSTGRES not in unusable:
                _refuse_taken_number()
            if not unusable:
                # Before a process of the old code can exchange rows: it does not know the new
                # columns.
                relay.exchange(report)
        self._bring_into_service(relay, report, 0.0 if unusable else _EXCHANGE_SECONDS)

    def _go_without_sqlite(self) -> None:
        with without_sqlite.preparing_alone():
            if obstacles := list(without_sqlite.find_obstacles()):
                raise CommandError("\n".join(f"SQLITE_MIRROR=none: {text}." for text in obstacles))
            self._prepare(ALONE)
            for event in without_sqlite.enter():
                self.stdout.write(event)

    def _prepare(self, alias: str) -> None:
        name = display_name(alias)
        if needs_migration(alias, contract=self._contract):
            self.stdout.write(f"{name}: applying migrations …")
            migrate(
                alias,
                _LOCK_SECONDS,
                lambda why: self.stderr.write(f"{name} is busy: {why}"),
                contract=self._contract,
            )
        if needs_migration(alias, contract=True):
            self.stdout.write(
                f"{name}: what an older version of TuneTrace may still use is kept. When no "
                "process of it runs any more: manage.py init_db --contract"
            )
        self.stdout.write(f"{name}: the schema is current.")

    def _prepare_or_mark(self, alias: str) -> bool:
        """Return whether the database could be prepared; if not, the relay prepares it later."""
        try:
            if needs_migration(alias, contract=self._contract) and is_in_service(other(alias)):
                # For speed, not for safety (schema.py): nobody shall wait for it meanwhile. Rows
                # are exchanged only when both have the new schema; until then one of them serves.
                set_marks(alias, Mark.DOWN)
            self._prepare(alias)
            ensure_capture(alias)
        except DATABASE_ERRORS as error:
            if not is_unavailable(error):
                raise
            connections[alias].close()
            set_marks(alias, Mark.DOWN)
            self.stderr.write(f"{display_name(alias)} cannot be used now: {error}".strip())
            self.stderr.write("The site runs on the other database; this one joins by itself.")
            return False
        return True

    def _bring_into_service(self, relay: Relay, report: PassReport, seconds: float) -> None:
        """Run passes of the relay until both databases are in service or ``seconds`` are over."""
        n_changed, ends_at = 0, time.monotonic() + seconds
        while True:
            self._tell(report)
            n_changed += report.n_changed
            report = relay.run_pass()
            waiting = [alias for alias in (SQLITE, POSTGRES) if not is_in_service(alias)]
            if not waiting or time.monotonic() > ends_at:
                break
            time.sleep(_PAUSE_SECONDS)
        self._tell(report)
        self.stdout.write(f"{n_changed + report.n_changed} rows exchanged.")
        for alias in waiting:
            reason = f" ({text})" if (text := read_reason(alias)) else ""
            self.stderr.write(f"{display_name(alias)} is not in service yet{reason}.")

    def _tell(self, report: PassReport) -> None:
        for event in report.events:
            self.stdout.write(f"{event}.")


def _refuse_taken_number() -> None:
    try:
        refuse_taken_number()
    except NumberTaken as reason:
        raise CommandError(str(reason)) from None


def _withdraw_the_missing(unusable: Sequence[str]) -> None:
    """Mark a database as behind when nobody can tell what it has missed: it must catch up first.

    Where neither can be asked, or the other one is behind, it is still the best there is and stays.
    """
    if len(unusable) == 1 and not is_behind(other(unusable[0])):
        set_marks(unusable[0], Mark.BEHIND)
