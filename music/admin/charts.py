"""Bar charts as plain numbers, for a template to draw as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 720
HEIGHT = 120
GAP = 2


@dataclass(frozen=True, slots=True)
class PlacedBar:
    """One bar, in the units of a view box of ``WIDTH`` x ``HEIGHT`` with y pointing down."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float


def place_bars(values: Sequence[tuple[str, int]], ceiling: int) -> list[PlacedBar]:
    """Return a bar per value, left to right.

    The full height is ``ceiling`` or the largest value.
    """
    if not values:
        return []
    top = max(ceiling, *(value for _, value in values), 1)
    step = WIDTH / len(values)
    return [
        PlacedBar(
            label=label,
            value=value,
            x=round(position * step, 2),
            y=round(HEIGHT * (1 - value / top), 2),
            width=round(step - GAP, 2),
            height=round(HEIGHT * value / top, 2),
        )
        for position, (label, value) in enumerate(values)
    ]
