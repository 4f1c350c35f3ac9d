"""``migrate`` back to an older schema, in one process for all databases."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, call_command


class Command(BaseCommand):
    help = "Migrate music back to a migration, in each of the databases."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("migration")
        parser.add_argument("databases", nargs="+")

    def handle(self, *args: Any, migration: str, databases: list[str], **options: Any) -> None:
        for alias in databases:
            call_command("migrate", "music", migration, database=alias, verbosity=0)
