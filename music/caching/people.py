"""Who calls: listeners and credentials, in this process, true to the database at every look."""

from collections.abc import Callable
from typing import TypeVar

from django.db import models, transaction
from django.db.models.base import ModelState

from tunetrace_site.replication.unit import current_alias

from . import parts
from .keys import ALL_LISTENERS, row_scope, table_scope
from .liked_songs import LIFE_SECONDS

Row = TypeVar("Row", bound=models.Model)


def fetch(model: type[Row], pk: int, load: Callable[[], Row | None]) -> Row | None:
    """The row of ``model`` with the key ``pk`` as ``load`` last gave it, if nothing of it has
    changed since; a copy of the caller's own, without the rows that it points to.

    ``load`` answers ``None`` where there is none, which is not kept. Inside a transaction it is
    always called, and its answer not kept: the rows may yet be rolled back.
    """
    if transaction.get_connection(current_alias()).in_atomic_block:
        return load()
    entry = parts.people.get((model, pk))
    if entry is not None:
        return _copy(entry.value)
    if not parts.generations.is_shared:
        return load()
    parts.broadcast.listen()
    table = model._meta.db_table
    slots = parts.generations.find_slots((row_scope(table, pk), table_scope(table), ALL_LISTENERS))
    generation = parts.generations.read(slots)
    row = load()
    if row is not None:
        parts.people.set(
            (model, pk),
            _copy(row),
            fresh_seconds=LIFE_SECONDS,
            stale_seconds=0.0,
            slots=slots,
            generation=generation,
        )
    return row


def _copy(row: Row) -> Row:
    """The same row as if it had been read just now: Django's own copying takes ten times as long,
    and would hand the state of one request to another.
    """
    copied = type(row).__new__(type(row))
    copied.__dict__.update(row.__dict__)
    copied._state = ModelState()
    copied._state.adding, copied._state.db = False, current_alias()
    return copied
