"""A cache of listeners and credentials, in this process, checked for changes at every read."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from django.db import models, transaction
from django.db.models.base import ModelState

from tunetrace_site.replication.unit import current_alias

from . import parts
from .keys import ALL_LISTENERS, listener_scope, row_scope, table_scope
from .liked_songs import LIFE_SECONDS

Row = TypeVar("Row", bound=models.Model)
Value = TypeVar("Value")


def fetch(model: type[Row], pk: int, load: Callable[[], Row | None]) -> Row | None:
    """Return the cached row of ``model`` with the key ``pk``, loaded anew if it has changed.

    The row is the caller's own copy, without related rows. ``load`` returns None where there is no
    row, which is not cached. Inside a transaction it is always called, and its result not cached:
    the rows may yet be rolled back.
    """
    table = model._meta.db_table
    scopes = (row_scope(table, pk), table_scope(table), ALL_LISTENERS)
    row, is_kept = _fetch((model, pk), scopes, load)
    return _copy(row) if row is not None and is_kept else row


def fetch_of_listener(what: str, listener_pk: int, load: Callable[[], Value]) -> Value:
    """Return a cached value of a listener, named ``what``, loaded anew if their data has changed.

    Changes are announced by ``stack.invalidate_listener``. The value is shared: nobody changes it.
    """
    scopes = (listener_scope(listener_pk), ALL_LISTENERS)
    return _fetch((what, listener_pk), scopes, load)[0]


def _fetch(key: Hashable, scopes: tuple[str, ...], load: Callable[[], Value]) -> tuple[Value, bool]:
    """Return the value, and whether it is cached.

    None is not cached, nor is a value that a transaction may yet undo.
    """
    if transaction.get_connection(current_alias()).in_atomic_block:
        return load(), False
    entry = parts.people.get(key)
    if entry is not None:
        return entry.value, True
    if not parts.generations.is_shared:
        return load(), False
    parts.broadcast.listen()
    slots = parts.generations.find_slots(scopes)
    generation = parts.generations.read(slots)
    value = load()
    if value is None:
        return value, False
    parts.people.set(
        key,
        value,
        fresh_seconds=LIFE_SECONDS,
        stale_seconds=0.0,
        slots=slots,
        generation=generation,
    )
    return value, True


def _copy(row: Row) -> Row:
    """Return a copy of ``row`` as if it had been read just now.

    Django's own copying takes ten times as long, and would pass the state of one request to
    another.
    """
    copied = type(row).__new__(type(row))
    copied.__dict__.update(row.__dict__)
    copied._state = ModelState()
    copied._state.adding, copied._state.db = False, current_alias()
    return copied
