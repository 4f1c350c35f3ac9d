"""The second half of a commit: the same rows in the other database, before the caller is told."""

from collections.abc import Sequence

from django.db import connections

from .apply import apply_images
from .conflicts import apply_with_what_it_needs
from .databases import other
from .drain import HistoryRewritten, drain
from .failures import DATABASE_ERRORS, Meaning, diagnose, is_worth_a_new_connection
from .images import RowImage
from .marks import Mark, set_marks, skip_if_down

_N_ATTEMPTS = 2


def write_through(source: str, target: str, images: Sequence[RowImage]) -> None:
    """Apply committed rows of ``source`` to ``target``, or mark ``target`` as behind.

    Never raises for what ``target`` does: the change is committed, and in the log.
    """
    for attempt in range(1, _N_ATTEMPTS + 1):
        if skip_if_down(target):
            return
        was_connected = connections[target].connection is not None
        try:
            apply_images(target, images)
            return
        except DATABASE_ERRORS as error:
            meaning = diagnose(error)
            if meaning is Meaning.REFUSED:
                _apply_refused(source, target, images)
                return
            may_repeat = meaning is Meaning.COLLISION or (
                was_connected and is_worth_a_new_connection(error)
            )
            if meaning is Meaning.UNAVAILABLE:
                connections[target].close()
            if attempt == _N_ATTEMPTS or not may_repeat:
                set_marks(target, Mark.DOWN, Mark.BEHIND)


def _apply_refused(source: str, target: str, images: Sequence[RowImage]) -> None:
    """Fetch missing parent rows, which another process may be about to write through."""
    try:
        for image in images:
            apply_with_what_it_needs(source, target, image)
    except DATABASE_ERRORS as error:
        unavailable = diagnose(error) is Meaning.UNAVAILABLE
        set_marks(target, *([Mark.DOWN, Mark.BEHIND] if unavailable else [Mark.BEHIND]))


def ship_stray_writes(source: str) -> None:
    """Ship what a request wrote outside every unit (other packages do) before it is answered."""
    target = other(source)
    if skip_if_down(target):
        return
    try:
        drain(source, target)
    except (*DATABASE_ERRORS, HistoryRewritten):
        connections[target].close()
        set_marks(target, Mark.BEHIND)
