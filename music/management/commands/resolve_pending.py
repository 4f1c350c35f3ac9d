"""Command: find the songs of likes that could not be found when they were made."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from music.domain.pending import resolve_pending
from music.domain.youtube_trouble import describe_trouble
from music.models import UserLikedSong
from tunetrace_site.command_line import count, show_progress


class Command(BaseCommand):
    help = (
        "Try again to find the songs of likes without one, oldest first. A job does so every day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--likes", type=count, default=10_000, help="Try at most this many.")
        parser.add_argument("--quiet", action="store_true", help="No progress bar.")

    def handle(self, *args: Any, **options: Any) -> None:
        total = min(UserLikedSong.objects.pending().count(), options["likes"])
        with show_progress(self.stderr, unit=" likes", total=total, quiet=options["quiet"]) as bar:
            report = resolve_pending(max_likes=options["likes"], on_progress=bar.update)
        told = f"{report.n_resolved} of {report.n_tried} likes found their song."
        self.stdout.write(f"{told} {describe_trouble()}".strip())
