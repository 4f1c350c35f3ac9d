"""Command: Django's ``migrate``, which captures the changes of other writers while it runs.

It stops before a migration that must wait until no process of the old code can be serving.
"""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands import migrate

from tunetrace_site.replication.contracts import find_targets, list_leaves
from tunetrace_site.replication.schema import migrating
from tunetrace_site.replication.server_identity import may_meet_another_server


class Command(migrate.Command):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--contract",
            action="store_true",
            help="also drop what only processes of an older version use: none is running",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # A server that was restarted is migrated first: rows are compared between equal schemas.
        with may_meet_another_server():
            self._handle(*args, **options)

    def _handle(self, *args: Any, **options: Any) -> None:
        alias, contract = options["database"], options.pop("contract", False)
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        targets = find_targets(alias, contract=contract)
        with migrating(alias):
            if options["app_label"] or targets == list_leaves(alias):
                super().handle(*args, **options)
                return
            for app_label, name in targets:
                super().handle(*args, **options | {"app_label": app_label, "migration_name": name})
