"""Command: save everything that the databases hold in one file, while the site goes on."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunetrace_site.command_line import show_progress
from tunetrace_site.replication.backup import BackupError
from tunetrace_site.replication.backup.destination import open_destination
from tunetrace_site.replication.backup.snapshot import count_rows_left_out, save_backup


class Command(BaseCommand):
    help = (
        "Write a backup of everything that is confirmed now: all rows as of one moment, "
        "compressed, with a checksum. The site goes on. The file is for its owner alone: it holds "
        "digests of passwords and tokens."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", help="a file, a folder (the name is then made of the time), or - for a pipe"
        )

    def handle(self, *, file: str, **options: Any) -> None:
        began_at = time.monotonic()
        try:
            with (
                open_destination(file) as (destination, name),
                show_progress(self.stderr, unit=" rows") as bar,
            ):

                def advance(table: str, n_rows: int) -> None:
                    bar.set_description(table)
                    bar.update(n_rows)

                contents = save_backup(destination, advance)
        except BackupError as error:
            raise CommandError(f"No backup was made: {error}.") from error
        # Standard output may be where the backup itself goes.
        self.stderr.write(
            f"{contents.n_all_rows} rows of {len(contents.n_rows)} tables in "
            f"{time.monotonic() - began_at:.1f} s: {name}"
        )
        if n_left_out := count_rows_left_out(contents):
            self.stderr.write(
                f"{n_left_out} rows are not in it: its database refuses them (see the operators' "
                "page, databases)."
            )
