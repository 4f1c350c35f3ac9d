"""A daily comparison of both databases, in small steps beside the running site.

The process that leads the relay does a step after each pass: 500 rows, about 20 ms. Rows that look
different are compared again later, after the logs were drained: a row that is being written can
look different for a moment, a row changed without being captured stays different.
"""

import time
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from .databases import POSTGRES, SQLITE
from .failures import DATABASE_ERRORS
from .marks import is_behind, is_down
from .models import Reconciliation
from .reconcile import Comparison, Difference, compare_in_steps, confirm, record

STEP_ROWS = 500
EVERY = timedelta(days=1)
# With this many differences an operator should run a full comparison, which counts them all.
MAX_DIFFERENCES = 1000
_LOOK_EVERY_SECONDS = 60.0
_N_LOOKS_AGAIN = 3
_LOOKED_AT_A_STEP = 50


class DailyComparison:
    """The daily comparison of this machine; remembers its place from step to step."""

    def __init__(self) -> None:
        self._steps: Iterator[tuple[str, int, list[Difference]]] | None = None
        self._looked_at = -_LOOK_EVERY_SECONDS
        self._begin()

    def _begin(self) -> None:
        self._began_at = time.monotonic()
        self._n_rows = 0
        self._suspects: list[Difference] = []
        self._confirmed: list[Difference] = []
        self._n_looks = 0

    def step(self) -> Comparison | None:
        """Do a step if a comparison is running or due; return the result of the last complete one.

        Does nothing while a database is out of service; starts over when one fails meanwhile.
        """
        if any(is_down(alias) or is_behind(alias) for alias in (SQLITE, POSTGRES)):
            return None
        try:
            if self._steps is None:
                self._start_if_due()
                return None
            return self._go_on()
        except DATABASE_ERRORS:
            self._steps = None
            return None

    def _start_if_due(self) -> None:
        if time.monotonic() - self._looked_at < _LOOK_EVERY_SECONDS:
            return
        self._looked_at = time.monotonic()
        last = Reconciliation.objects.using(SQLITE).order_by("-finished_at").first()
        if last is None or timezone.now() - last.finished_at >= EVERY:
            self._begin()
            self._steps = compare_in_steps(STEP_ROWS)

    def _go_on(self) -> Comparison | None:
        assert self._steps is not None
        step = next(self._steps, None)
        if step is not None:
            _, n_rows, found = step
            self._n_rows += n_rows
            self._suspects += found[: MAX_DIFFERENCES - len(self._suspects)]
            return None
        if self._suspects and self._n_looks < _N_LOOKS_AGAIN:
            self._look_again()
            return None
        return self._finish()

    def _look_again(self) -> None:
        some = self._suspects[:_LOOKED_AT_A_STEP]
        self._confirmed += confirm(tuple(some))
        del self._suspects[: len(some)]
        if not self._suspects:
            self._n_looks += 1
            self._suspects, self._confirmed = self._confirmed, []

    def _finish(self) -> Comparison:
        seconds = time.monotonic() - self._began_at
        comparison = Comparison(self._n_rows, tuple(self._suspects), seconds)
        record(comparison, len(comparison.differences))
        self._steps = None
        return comparison
