"""Counts as bars: lengths relative to the longest, in percent, for SVG attributes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

PERCENT = 100
MAX_DECADES = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One labelled count; ``length`` is percent of the longest, ``address`` leads to its songs."""

    label: str
    count: int
    length: float
    name: str = ""
    address: str = ""


def build_bars(
    counts: Sequence[tuple[str, int]],
    make_address: Callable[[str], str] = str,
    make_name: Callable[[str], str] = str,
) -> list[Bar]:
    """Return a bar per (label, count) pair, in order, with the label's text and link."""
    longest = max((count for _, count in counts), default=1)
    return [
        Bar(
            label,
            count,
            round(PERCENT * count / longest, 1),
            make_name(label),
            make_address(label),
        )
        for label, count in counts
    ]


def fill_decades(counts: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return decades with empty ones between them, so that gaps are visible.

    ("1960s", 2), ("1980s", 1) gets ("1970s", 0). At most ``MAX_DECADES``, the latest; older ones
    are one count, such as "before 1950".
    """
    if not counts:
        return []
    by_decade = {int(label[:-1]): count for label, count in counts}
    last = max(by_decade)
    first = max(min(by_decade), last - 10 * (MAX_DECADES - 1))
    older = sum(count for decade, count in by_decade.items() if decade < first)
    filled = [(f"{decade}s", by_decade.get(decade, 0)) for decade in range(first, last + 1, 10)]
    return [(f"before {first}", older), *filled] if older else filled
