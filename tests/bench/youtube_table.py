"""The table that ``youtube_day.py`` prints."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Line:
    """One row of the table."""

    work: str
    searches: int
    units: int
    seconds: list[float]
    n_asked: int = 0
    n_right: int = 0
    n_wrong: int = 0
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        ordered = sorted(self.seconds) or [0.0]
        p99 = ordered[int(0.99 * (len(ordered) - 1))]
        shares = ["", ""]
        if self.n_asked:
            shares = [f"{n / self.n_asked:8.2%}" for n in (self.n_right, self.n_wrong)]
        return (
            f"{self.work:<52}{self.searches:>9}{self.units:>8}{shares[0]:>9}{shares[1]:>9}"
            f"{statistics.median(ordered):>9.3f}{p99:>9.3f}{ordered[-1]:>9.3f}"
        )


HEADER = (
    f"{'work':<52}{'searches':>9}{'units':>8}{'right':>9}{'wrong':>9}"
    f"{'median s':>9}{'p99 s':>9}{'max s':>9}"
)


def show(lines: Iterable[Line]) -> None:
    for line in lines:
        print(line, *line.notes, sep="\n  ", flush=True)
