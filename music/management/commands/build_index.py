"""Command: fit the recommender to the stored songs and likes."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import BaseCommand
from tqdm import tqdm

from music.domain import index_store, training
from music.jobs.claims import claimed
from music.models import ScheduledJob
from tunetrace_site.command_line import show_progress
from tunetrace_site.replication.unit import unit_of_work

CLAIMED = "build_index"
"""The row of the claim. The job's rows are one per machine: each writes its own song names too."""


class Command(BaseCommand):
    help = (
        "Build the index that suggestions are made from; running workers pick it up by themselves."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-needed", action="store_true", help="Only when missing or outdated."
        )
        parser.add_argument(
            "--fetch", action="store_true", help="take that of INDEX_STORE_URL where there is one"
        )
        parser.add_argument("--quiet", action="store_true", help="Say only what was built.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["fetch"] and self._fetch():
            return
        if options["if_needed"] and not training.is_outdated():
            self.stdout.write("The index is up to date.")
            return
        try:
            with _only_builder():
                self._build(quiet=options["quiet"])
        except training.BuildRunning as error:
            if not options["quiet"]:
                self.stdout.write(str(error))

    def _fetch(self) -> bool:
        if not index_store.is_shared():
            return False
        try:
            has_one = index_store.fetch(whatever_is_here=True)
        except index_store.StoreUnavailable as error:
            self.stderr.write(f"{error}.")
            return False
        if has_one:
            self.stdout.write(f"Fetched index {training.read_summary().version}.")
        return has_one

    def _build(self, *, quiet: bool) -> None:
        with show_progress(self.stderr, unit=" steps", quiet=quiet) as bar:
            summary = training.build_index(_show_on(bar))
        self.stdout.write(
            f"Built index {summary.version}: {summary.n_songs} songs, "
            f"{summary.n_interactions} likes and plays."
        )
        if index_store.is_shared():
            try:
                index_store.publish()
            except index_store.StoreUnavailable as error:
                # The job tries again: this machine has it already.
                self.stderr.write(f"{error}.")


@contextmanager
def _only_builder() -> Iterator[None]:
    """Hold a claim that all machines know where they share an index, which one of them builds.

    Raises ``BuildRunning``.
    """
    if not index_store.is_shared():
        yield
        return
    with unit_of_work():
        ScheduledJob.objects.get_or_create(name=CLAIMED)
    row = ScheduledJob.objects.filter(name=CLAIMED)
    with claimed(row, row) as holder:
        if not holder:
            raise training.BuildRunning("Another machine is building the index.")
        yield


def _show_on(bar: tqdm) -> training.Progress:
    def show(what: str, n_done: int, n_total: int) -> None:
        bar.set_description(what)
        bar.total = n_total
        bar.n = n_done
        bar.refresh()

    return show
