"""Command: compare both databases row by row, and show or repair the differences."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tunetrace_site.command_line import show_progress
from tunetrace_site.replication.databases import ONLY_ONE, has_two_databases
from tunetrace_site.replication.reconcile import (
    Comparison,
    Difference,
    compare_databases,
    confirm,
    record,
)
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.repair import Remedy, find_remedies, repair

_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Compare both databases by digests per table and key range, and show what --repair would "
        "do; changes nothing without it. Ends with status 1 when rows differ and were not repaired."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--repair",
            action="store_true",
            help="make the row with the newer version both sides'; what is overwritten is kept in "
            "a file in STATE_DIR",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not has_two_databases():
            raise CommandError(ONLY_ONE)
        Relay().run_pass()
        comparison = self._compare()
        differences = confirm(comparison.differences)
        remedies = find_remedies(differences)
        self._show(comparison, differences, remedies)
        n_repaired = self._repair(differences, remedies) if options["repair"] else 0
        record(comparison, len(differences), n_repaired)
        if len(differences) > n_repaired:
            raise CommandError(f"{len(differences)} rows differ: run reconcile --repair")

    def _compare(self) -> Comparison:
        with show_progress(self.stderr, unit=" rows") as bar:

            def advance(table: str, n_rows: int) -> None:
                bar.set_description(table)
                bar.update(n_rows)

            return compare_databases(advance)

    def _show(
        self,
        comparison: Comparison,
        differences: tuple[Difference, ...],
        remedies: list[Remedy],
    ) -> None:
        self.stdout.write(
            f"{comparison.n_rows} rows compared in {comparison.seconds:.1f} s, "
            f"{len(differences)} differ."
        )
        for remedy in remedies[:_SHOWN]:
            self.stdout.write(f"  {remedy}")
        if len(remedies) > _SHOWN:
            self.stdout.write(f"  … and {len(remedies) - _SHOWN} more")

    def _repair(self, differences: tuple[Difference, ...], remedies: list[Remedy]) -> int:
        kept = repair(remedies)
        Relay().run_pass()
        n_repaired = len(differences) - len(confirm(differences))
        self.stdout.write(f"{n_repaired} rows repaired.")
        if kept:
            self.stdout.write(f"What was overwritten is kept in {kept}")
        return n_repaired
