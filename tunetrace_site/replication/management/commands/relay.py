"""Command: run the relay, which sends each database the changes of the other."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunetrace_site.replication.background import run_relay
from tunetrace_site.replication.databases import ONLY_ONE, has_two_databases
from tunetrace_site.replication.relay import Relay


class Command(BaseCommand):
    help = (
        "Run the relay in the foreground. The site runs it by itself in every worker; this is for "
        "a machine without workers, and with --once for cron."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one pass, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        if not has_two_databases():
            raise CommandError(ONLY_ONE)
        if options["once"]:
            report = Relay().run_pass()
            for event in report.events:
                self.stdout.write(event)
            self.stdout.write(f"{report.n_changed} rows shipped.")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run_relay(stop)
