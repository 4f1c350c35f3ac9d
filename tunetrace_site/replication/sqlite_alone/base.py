"""Django's SQLite backend, which translates the placeholders of a statement once.

Django looks for them in each statement that it sends, which takes some percent of a request's time;
nearly all that requests send was sent before.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base

_MAX_KEPT = 500
_MAX_KEPT_LENGTH = 5000
"""Longer statements have many rows in them, and hardly ever the same number."""


class Cursor(base.SQLiteCursorWrapper):
    """A cursor that keeps translated statements, for all threads of the process."""

    def convert_query(self, query: str, *, param_names: Iterable[str] | None = None) -> str:
        if param_names is None and len(query) <= _MAX_KEPT_LENGTH:
            return _translate(query)
        return super().convert_query(query, param_names=param_names)


@lru_cache(_MAX_KEPT)
def _translate(query: str) -> str:
    """Return ``query`` with SQLite's placeholders, as Django's cursor writes it."""
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection, with cursors of our own."""

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)
