"""Command: make the databases hold exactly what a backup holds."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from tunetrace_site.command_line import show_progress
from tunetrace_site.replication.backup import BackupError
from tunetrace_site.replication.backup.archive import Contents, check_archive
from tunetrace_site.replication.backup.deletions import check_age
from tunetrace_site.replication.backup.destination import open_source
from tunetrace_site.replication.backup.restoration import (
    Progress,
    choose_targets,
    restore_archive,
)
from tunetrace_site.replication.backup.snapshot import describe_code
from tunetrace_site.replication.backup.upgrade import find_missing_migrations, upgraded
from tunetrace_site.replication.databases import display_name, has_two_databases
from tunetrace_site.replication.relay import Relay


class Command(BaseCommand):
    help = (
        "Check a backup from beginning to end, then make the databases hold exactly what it holds. "
        "The site answers reads meanwhile, and writes with 503. Accounts deleted since the backup "
        "are deleted again. Interrupted, it changes nothing."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="the backup, or - for a pipe")
        parser.add_argument("--check", action="store_true", help="only check it and say what it is")
        parser.add_argument(
            "--into",
            choices=("sqlite", "postgres"),
            help="write one database; the other one catches up (default: both at once)",
        )
        parser.add_argument(
            "--deleted-accounts",
            choices=("again", "back"),
            help="whether accounts deleted since come back (default: again, unless they are many)",
        )
        parser.add_argument(
            "--old",
            action="store_true",
            help="also a backup older than deletions are remembered",
        )

    def handle(self, *, file: str, check: bool, **options: Any) -> None:
        try:
            with open_source(file) as source:
                contents = check_archive(source)
                self._describe(contents)
                if not check:
                    self._restore(source, contents, **options)
        except (BackupError, OSError) as error:
            raise CommandError(f"Nothing was restored from {file}: {error}.") from error

    def _describe(self, contents: Contents) -> None:
        header = contents.header
        self.stdout.write(
            f"A backup of {header.made_at:%Y-%m-%d %H:%M:%S} UTC from {header.taken_from}: "
            f"{contents.n_all_rows} rows of {len(contents.n_rows)} tables, whole and unchanged."
        )
        here = describe_code()
        for name, value in header.facts.items():
            is_same = "as here" if here.get(name) == value else f"here {here.get(name, 'none')}"
            self.stdout.write(f"{name}: {value} ({is_same})")
        if missing := find_missing_migrations(header):
            self.stdout.write(f"Its schema is older by {len(missing)} migrations.")

    def _restore(
        self,
        source: BinaryIO,
        contents: Contents,
        *,
        into: str | None,
        old: bool,
        deleted_accounts: str | None,
        **options: Any,
    ) -> None:
        began_at = time.monotonic()
        if not old:
            check_age(contents.header)
        if has_two_databases():
            Relay().run_pass()
        targets = choose_targets(into)
        with upgraded(source, contents) as (current, described), self._bar() as progress:
            restored = restore_archive(
                current, described, targets, deleted_accounts=deleted_accounts, progress=progress
            )
        self.stdout.write(
            f"Restored in {time.monotonic() - began_at:.1f} s: {restored.n_written} rows written, "
            f"{restored.n_deleted} deleted."
        )
        if restored.n_deleted_again:
            self.stdout.write(
                f"{restored.n_deleted_again} accounts were deleted since, and are again "
                "(--deleted-accounts=back brings them back)."
            )
        self._let_the_other_catch_up(restored.left_to_relay)

    @contextmanager
    def _bar(self) -> Iterator[Progress]:
        with show_progress(self.stderr, unit=" rows") as bar:

            def advance(table: str, n_rows: int) -> None:
                bar.set_description(table)
                bar.update(n_rows)

            yield advance

    def _let_the_other_catch_up(self, alias: str | None) -> None:
        if alias is None:
            return
        self.stdout.write(f"{display_name(alias)} gets it from the change log, when it is there.")
        for event in Relay().run_pass().events:
            self.stdout.write(f"{event}.")
