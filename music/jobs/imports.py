"""Job: continue imports, a part at a time, whether or not anybody watches."""

import time

from django.utils import timezone

from music.domain.imports import advance_import
from music.models import PlaylistImport

from .claims import claimed
from .queue import queue, stopping, wake

TURN_SECONDS = 20.0
"""How long an import runs before another one gets its turn."""


@queue.task()
def run_import(token: str) -> None:
    """Do the parts of one import until it ends or is paused, or other imports are due."""
    row = PlaylistImport.objects.filter(token=token)
    with claimed(row, row.due(timezone.now())) as holder:
        if not holder:
            return
        mine = row.due(timezone.now()).held_by(holder)
        ends_at = time.monotonic() + TURN_SECONDS
        has_more = advance_import(mine=mine)
        while has_more and time.monotonic() < ends_at and not stopping.is_set():
            has_more = advance_import(mine=mine)
    if has_more and not stopping.is_set():
        wake(run_import, token)


def wake_import(job: PlaylistImport) -> None:
    """Have a worker take up an import that has work to do."""
    if job.is_open:
        wake(run_import, job.token)
