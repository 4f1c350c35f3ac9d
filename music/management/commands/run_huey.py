"""Command: run background work: imports, and scheduled jobs."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from music.jobs import due_work, queue
from music.jobs.consumer import Consumer
from tunetrace_site.replication.background import start_relay_thread


class Command(BaseCommand):
    help = (
        "Run background work until SIGTERM. `serve` starts one by itself; with JOB_REDIS_URL any "
        "number may run, on any machine that has the databases."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--threads", type=int, choices=range(1, 33), metavar="N", help="JOB_THREADS, or 1."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        queue.prepare()
        start_relay_thread()
        consumer = Consumer(options["threads"])
        due_work.look_beside()
        where = "Redis" if settings.JOB_REDIS_URL else queue.find_file()
        self.stdout.write(f"Background work: {consumer.workers} threads, woken through {where}.")
        self.stdout.flush()
        consumer.run()
