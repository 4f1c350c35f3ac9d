"""What one run of the harvest may spend, and what it has done."""

from collections.abc import Callable
from dataclasses import dataclass, field

Progress = Callable[[str, int], None]
"""Called with the current activity and the units spent since the last call."""


@dataclass(slots=True)
class HarvestReport:
    """The result of a run; ``stopped_by`` says why it ended early, if it did."""

    n_charts: int = 0
    n_channels: int = 0
    n_new_songs: int = 0
    n_units: int = 0
    n_searches: int = 0
    stopped_by: str = ""


class BudgetSpent(Exception):
    """The units that this run may spend are spent."""


@dataclass(slots=True)
class HarvestBudget:
    """The units and searches that one run may spend."""

    max_units: int
    max_searches: int
    on_progress: Progress
    report: HarvestReport = field(default_factory=HarvestReport)

    @property
    def n_searches_left(self) -> int:
        """How many more searches the run may make."""
        return self.max_searches - self.report.n_searches

    def has_units(self, n_units: int) -> bool:
        """Return whether that many are left."""
        return self.report.n_units + n_units <= self.max_units

    def spend(self, n_units: int, what: str) -> None:
        """Count units before they are spent; raise ``BudgetSpent`` where fewer are left."""
        if not self.has_units(n_units):
            raise BudgetSpent
        self.report.n_units += n_units
        self.on_progress(what, n_units)
