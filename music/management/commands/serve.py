"""Command: check the configuration, bring everything up to date, then serve."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from music.catalogue import name_keeping
from music.domain import index, index_store, training
from music.youtube.reopening import reopen_for_new_key
from tunetrace_site.start_checks import (
    find_obstacles_to_preparing,
    find_obstacles_to_serving,
    format_address,
)
from tunetrace_site.supervisor import SERVER

SUPERVISOR = (sys.executable, "-m", "tunetrace_site.supervisor")


class Command(BaseCommand):
    help = (
        "Check, migrate, load the bundled catalogue, then serve with gunicorn on HOST:PORT, and do "
        "background work beside it (JOB_THREADS)."
    )

    # Made in ``handle``, after what is found without loading the whole program.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--prepare-only", action="store_true", help="Stop before the server starts."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        obstacles = list(find_obstacles_to_preparing())
        if not options["prepare_only"]:
            obstacles += find_obstacles_to_serving()
        if obstacles:
            raise CommandError("\n".join(obstacles))
        call_command("check")
        call_command("init_db")
        call_command("load_catalogue")
        if reopen_for_new_key():
            self.stdout.write("The YouTube key is a new one: its quota is open.")
        self._collect_static_files()
        self._prepare_names()
        if options["prepare_only"]:
            call_command("build_index", if_needed=True)
            return
        self._prepare_index()
        source = "YouTube" if settings.YOUTUBE_API_KEY else "the bundled catalogue (no YouTube key)"
        self.stdout.write(f"TuneTrace plays from {source}: open {format_address()}")
        self.stdout.flush()
        # The new program, with this process id, is the server, or the parent of server and
        # consumer.
        os.execv(sys.executable, SUPERVISOR if settings.JOB_THREADS else SERVER)

    def _collect_static_files(self) -> None:
        """Collect static files: without DEBUG, pages need the digests in their names."""
        if not settings.DEBUG and not (settings.STATIC_ROOT / "staticfiles.json").exists():
            call_command("collectstatic", interactive=False, verbosity=0)
            self.stdout.write(f"Collected the static files in {settings.STATIC_ROOT}.")

    def _prepare_names(self) -> None:
        """Write the file of song names; without it each worker reads the names for itself."""
        try:
            self.stdout.write(name_keeping.bring_up_to_date())
        except OSError as error:
            self.stderr.write(f"The song names cannot be written: {error}")

    def _fetch_index(self) -> None:
        if not index_store.is_shared():
            return
        try:
            if index_store.fetch():
                self.stdout.write("Fetched the index that all machines share.")
        except index_store.StoreUnavailable as error:
            self.stderr.write(f"{error}.")

    def _prepare_index(self) -> None:
        """Start to build an outdated index; the site does not wait the minutes it may take."""
        self._fetch_index()
        if not training.is_outdated():
            self.stdout.write("The index is up to date.")
        elif settings.INDEX_AUTO_BUILD:
            index.start_build()
            self.stdout.write(
                "The index is being built in the background; "
                "until it is there, only the best-known songs are suggested."
            )
        elif training.read_summary() is training.NEVER_BUILT:
            call_command("build_index")
        else:
            self.stdout.write(
                "The index is out of date and INDEX_AUTO_BUILD is off: `manage.py build_index`, "
                "also beside the running site, brings it up to date."
            )
