"""Claims on rows: one process at a time does a piece of work, until it is done or dead."""

import logging
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.conf import settings
from django.db import connections
from django.utils import timezone

from music.models import PlaylistImport, ScheduledJob
from music.models.claims import ClaimQuerySet
from tunetrace_site.replication.databases import has_sqlite
from tunetrace_site.replication.machines import read_machine_id
from tunetrace_site.replication.unit import run_unit, unit_of_work

SIGN_OF_LIFE_SECONDS = 20.0
_ID_LENGTH = 12

logger = logging.getLogger(__name__)


@contextmanager
def claimed(row: ClaimQuerySet, due: ClaimQuerySet) -> Iterator[str]:
    """Hold the one row of ``row``, if it is ``due``, during the block; yield the holder's name.

    The name is empty where the row is not due, or claimed by another. During the block a thread
    renews the claim; whoever writes for the row writes through ``row.held_by(name)``, so that a
    process which was thought dead and comes back changes nothing.
    """
    holder = f"{_name_machine()}{os.getpid()}-{secrets.token_hex(4)}"
    with unit_of_work():
        has_it = due.claim(holder, now=timezone.now())
    if not has_it:
        yield ""
        return
    done = threading.Event()
    sign = threading.Thread(target=_give_signs, args=[row, holder, done], daemon=True)
    sign.start()
    try:
        yield holder
    finally:
        done.set()
        with unit_of_work():
            row.release(holder)


def release_of_the_dead() -> None:
    """Release claims of this machine's processes that have ended, so that nobody waits for them."""
    mine = _name_machine()
    for model in (PlaylistImport, ScheduledJob):
        held = model.objects.filter(claimed_by__startswith=mine)
        for holder in set(held.values_list("claimed_by", flat=True)):
            if not _is_alive(holder.removeprefix(mine).partition("-")[0]):
                run_unit(partial(model.objects.release, holder))


def _name_machine() -> str:
    """Return the machine's number, or without SQLite the random name of its files."""
    return f"{settings.MACHINE_NUMBER if has_sqlite() else read_machine_id()[:_ID_LENGTH]}-"


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True


def _give_signs(row: ClaimQuerySet, holder: str, done: threading.Event) -> None:
    try:
        while not done.wait(SIGN_OF_LIFE_SECONDS):
            try:
                run_unit(lambda: row.held_by(holder).update(claimed_at=timezone.now()))
            except Exception:
                logger.exception("no sign of life could be given for %s", holder)
    finally:
        connections.close_all()
