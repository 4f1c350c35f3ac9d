"""Command: add songs with cheap YouTube quota."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError

from music.collecting.harvest import harvest
from music.collecting.harvest_targets import REGIONS
from music.errors import SourceError
from music.youtube.gateway import get_gateway
from tunetrace_site.command_line import count, show_progress


class Command(BaseCommand):
    help = (
        "Store the music charts of all regions and the uploads of known channels. Safe to stop, "
        "to repeat and to run twice at once. A job does so every day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--units", type=count, default=2000, help="Spend at most this many quota units (2000)."
        )
        parser.add_argument(
            "--searches",
            type=count,
            default=0,
            help="Also make up to this many searches for channels that no chart shows (0). "
            "Worth it just before midnight Pacific time, when unused searches are lost.",
        )
        parser.add_argument(
            "--regions", nargs="+", metavar="CC", help="Charts of these regions only."
        )
        parser.add_argument("--quiet", action="store_true", help="No progress bar.")

    def handle(self, *args: Any, **options: Any) -> None:
        regions = [region.upper() for region in options["regions"] or REGIONS]
        if unknown := sorted(set(regions) - set(REGIONS)):
            raise CommandError(f"{unknown[0]} is not a region of YouTube (such as US, DE, JP).")
        with show_progress(
            self.stderr, unit=" units", total=options["units"], quiet=options["quiet"]
        ) as bar:

            def show(what: str, n_units: int) -> None:
                bar.set_description(what)
                bar.update(n_units)

            try:
                report = harvest(
                    gateway=get_gateway(),
                    max_units=options["units"],
                    max_searches=options["searches"],
                    regions=regions,
                    on_progress=show,
                )
            except SourceError as error:
                raise CommandError(f"{error.message} {error.hint}".strip()) from error
        why = f" Ended early: {report.stopped_by.rstrip('.')}." if report.stopped_by else ""
        self.stdout.write(
            f"{report.n_new_songs} new songs from {report.n_charts} charts and "
            f"{report.n_channels} channels for {report.n_units} units and {report.n_searches} "
            f"searches.{why}"
        )
