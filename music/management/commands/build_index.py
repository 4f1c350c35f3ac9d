"""Command: fit the recommender to the stored songs and likes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand
from tqdm import tqdm

from music.domain import training
from tunetrace_site.command_line import show_progress


class Command(BaseCommand):
    help = (
        "Build the index that suggestions are made from; running workers pick it up by themselves."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-needed", action="store_true", help="Only when missing or outdated."
        )
        parser.add_argument("--quiet", action="store_true", help="Say only what was built.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_needed"] and not training.is_outdated():
            self.stdout.write("The index is up to date.")
            return
        with show_progress(self.stderr, unit=" steps", quiet=options["quiet"]) as bar:
            try:
                summary = training.build_index(_show_on(bar))
            except training.BuildRunning as error:
                if not options["quiet"]:
                    self.stdout.write(str(error))
                return
        self.stdout.write(
            f"Built index {summary.version}: {summary.n_songs} songs, "
            f"{summary.n_interactions} likes and plays."
        )


def _show_on(bar: tqdm) -> training.Progress:
    def show(what: str, n_done: int, n_total: int) -> None:
        bar.set_description(what)
        bar.total = n_total
        bar.n = n_done
        bar.refresh()

    return show
