"""Command: write listeners' feedback to files, to score recommenders with."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from music.domain.exporting import export_feedback


class Command(BaseCommand):
    help = "Export likes and impressions, without names, in the format of score_recommender."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            summary = export_feedback(options["folder"])
        except OSError as error:
            raise CommandError(
                f"{options['folder']} cannot be written: {error.strerror}."
            ) from error
        self.stdout.write(
            f"Wrote {summary.n_listeners} listeners, {summary.n_songs} songs and "
            f"{summary.n_impressions} impressions to {options['folder']}."
        )
