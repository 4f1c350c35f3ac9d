"""How far the build of the index on this machine is, in a file that operators' pages read."""

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass

from tunetrace_site.machine.files import state_path

_TOLD_EVERY_SECONDS = 1.0
_DEAD_AFTER_SECONDS = 900.0
_FILE = "index_build.json"


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """What a build does (``what``), and how much of that is done: ``n_done`` of ``n_total``."""

    what: str
    n_done: int
    n_total: int
    told_at: float

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return self.n_done / max(self.n_total, 1)

    def __str__(self) -> str:
        return f"{self.what}: {self.share:.0%}"


class ProgressFile:
    """Writes the progress, at most once a second."""

    def __init__(self) -> None:
        self._told_at = 0.0
        self._what = ""

    def tell(self, what: str, n_done: int, n_total: int) -> None:
        """Write how far the build is, unless that was done a moment ago. Errors are no matter."""
        now = time.time()
        if what == self._what and now - self._told_at < _TOLD_EVERY_SECONDS:
            return
        self._what, self._told_at = what, now
        path = state_path(_FILE)
        with suppress(OSError):
            working = path.with_suffix(".new")
            working.write_text(json.dumps(asdict(BuildProgress(what, n_done, n_total, now))))
            working.replace(path)

    def end(self) -> None:
        """Say that no build runs."""
        state_path(_FILE).unlink(missing_ok=True)


def read_progress() -> BuildProgress | None:
    """Return how far the build on this machine is; None if none runs, or it died."""
    try:
        told = BuildProgress(**json.loads(state_path(_FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return told if time.time() - told.told_at < _DEAD_AFTER_SECONDS else None
