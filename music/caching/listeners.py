"""A cache of listeners and credentials, in this process, checked for changes at every read."""

from collections.abc import Callable
from typing import TypeVar

from django.db import models
from django.db.models.base import ModelState

from tunetrace_site.replication.unit import current_alias

from . import kept_rows, parts
from .keys import ALL_LISTENERS, listener_scope, row_scope, table_scope

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
    row, is_kept = kept_rows.fetch(parts.people, (model, pk), scopes, load)
    return _copy(row) if row is not None and is_kept else row


def fetch_of_listener(what: str, listener_pk: int, load: Callable[[], Value]) -> Value:
    """Return a cached value of a listener, named ``what``, loaded anew if their data has changed.

    Changes are announced by ``stack.invalidate_listener``. The value is shared: nobody changes it.
    """
    scopes = (listener_scope(listener_pk), ALL_LISTENERS)
    return kept_rows.fetch(parts.people, (what, listener_pk), scopes, load)[0]


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
