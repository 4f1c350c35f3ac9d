"""Command: refresh, or delete, data from YouTube that is nearly 30 days old."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from music.domain.refreshing import list_due_videos, refresh_videos
from music.errors import SourceError
from music.youtube.gateway import find_gateway
from tunetrace_site.command_line import count, show_progress


class Command(BaseCommand):
    help = (
        "Ask YouTube again for songs stored 25 days ago, mark what has gone, and delete what could "
        "not be confirmed for 30 days. A job does so every day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--units", type=count, default=2000, help="Spend at most this many quota units (2000)."
        )
        parser.add_argument("--quiet", action="store_true", help="No progress bar.")

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["quiet"]
        total = 0 if quiet else list_due_videos().count()
        with show_progress(self.stderr, unit=" videos", total=total, quiet=quiet) as bar:
            try:
                report = refresh_videos(
                    gateway=find_gateway(), max_units=options["units"], on_progress=bar.update
                )
            except SourceError as error:
                raise CommandError(f"{error.message} {error.hint}".strip()) from error
        why = f" Ended early: {report.stopped_by.rstrip('.')}." if report.stopped_by else ""
        self.stdout.write(
            f"{report.n_refreshed} songs refreshed, {report.n_gone} gone, {report.n_deleted} "
            f"deleted for {report.n_units} units.{why}"
        )
