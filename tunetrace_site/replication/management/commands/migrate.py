"""Django's ``migrate``, with every change of somebody else captured while it runs."""

from typing import Any

from django.core.management.commands import migrate

from tunetrace_site.replication.schema import migrating


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        with migrating(options["database"]):
            super().handle(*args, **options)
