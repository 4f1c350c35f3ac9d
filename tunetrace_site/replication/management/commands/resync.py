"""Command: let both databases send each other every row, whatever their logs say."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunetrace_site.command_line import show_progress
from tunetrace_site.replication.databases import ONLY_ONE, has_two_databases, postgres_connection
from tunetrace_site.replication.full_sync import sync_everything
from tunetrace_site.replication.relay import sync_lock


class Command(BaseCommand):
    help = (
        "Send all rows and deletions both ways, then start both cursors anew. The newer version "
        "of a row wins. The relay does this by itself when a log was lost; this is for doubt."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not has_two_databases():
            raise CommandError(ONLY_ONE)
        n_sent = 0

        def count(n_rows: int) -> None:
            nonlocal n_sent
            n_sent += n_rows
            bar.update(n_rows)

        with (
            sync_lock(),
            postgres_connection().patience(60.0),
            show_progress(self.stderr, unit=" rows") as bar,
        ):
            n_changed = sync_everything(count)
        self.stdout.write(f"{n_sent} rows sent, {n_changed} were new to the other side.")
