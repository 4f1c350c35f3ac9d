"""Prove that both databases hold the same rows, or show where they do not."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from tunetrace_site.replication.databases import DISPLAY_NAMES, has_two_databases
from tunetrace_site.replication.models import Reconciliation
from tunetrace_site.replication.reconcile import (
    Comparison,
    Difference,
    compare_databases,
    confirm,
    repair,
)
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.unit import run_unit

_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Compare both databases by digests per table and key range. Changes nothing without "
        "--repair. Ends with status 1 when rows differ and were not repaired."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--repair", action="store_true", help="make the row with the newer version both sides'"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not has_two_databases():
            raise CommandError("There is only SQLite: set POSTGRES_DATABASE_URL for a second one.")
        Relay().run_pass()
        comparison = self._compare()
        differences = confirm(comparison.differences)
        self._show(comparison, differences)
        n_repaired = self._repair(differences) if options["repair"] else 0
        run_unit(lambda: self._record(comparison, differences, n_repaired))
        if len(differences) > n_repaired:
            raise CommandError(f"{len(differences)} rows differ: run reconcile --repair")

    def _compare(self) -> Comparison:
        with tqdm(unit=" rows", disable=not self.stderr.isatty()) as bar:

            def advance(table: str, n_rows: int) -> None:
                bar.set_description(table)
                bar.update(n_rows)

            return compare_databases(advance)

    def _show(self, comparison: Comparison, differences: tuple[Difference, ...]) -> None:
        self.stdout.write(
            f"{comparison.n_rows} rows compared in {comparison.seconds:.1f} s, "
            f"{len(differences)} differ."
        )
        for difference in differences[:_SHOWN]:
            self.stdout.write(f"  {difference.table} {difference.pk}: {_describe(difference)}")
        if len(differences) > _SHOWN:
            self.stdout.write(f"  … and {len(differences) - _SHOWN} more")

    def _repair(self, differences: tuple[Difference, ...]) -> int:
        repair(differences)
        Relay().run_pass()
        n_repaired = len(differences) - len(confirm(differences))
        self.stdout.write(f"{n_repaired} rows repaired.")
        return n_repaired

    def _record(
        self, comparison: Comparison, differences: tuple[Difference, ...], n_repaired: int
    ) -> None:
        Reconciliation.objects.create(
            n_rows=comparison.n_rows,
            n_different=len(differences),
            n_repaired=n_repaired,
            seconds=comparison.seconds,
        )


def _describe(difference: Difference) -> str:
    if len(difference.held_by) == 1:
        return f"only in {DISPLAY_NAMES[difference.held_by[0]]}"
    return "in both, with different values" if difference.held_by else "deleted meanwhile"
