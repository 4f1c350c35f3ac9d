"""New versions for rows that a unit of work found as they should be, and relied on.

A like of a song that is liked already writes nothing. Where the like was removed a moment before on
another machine (or in a database restored from the past), that deletion would win, although a
caller was told after it that the song is liked. So a unit gives the rows that it relied on a new
version.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connections, models
from django.db.models import F

from .databases import has_two_databases
from .failures import RowsMoved
from .keys import derive_row_key
from .log import log_as_deleted
from .router import current_alias


def touch(rows: Iterable[models.Model]) -> None:
    """Give rows that were found as they should be a new version, inside a unit of work.

    Raises ``RowsMoved`` when one of them was deleted meanwhile: the unit runs again. Does nothing
    with SQLite alone.
    """
    if not has_two_databases():
        return
    pks = defaultdict(set)
    for row in rows:
        pks[type(row)].add(row.pk)
    for model, wanted in pks.items():
        # The trigger fires even when the values do not change.
        found = model._base_manager.using(current_alias()).filter(pk__in=wanted)
        if found.update(**{model._meta.pk.attname: F("pk")}) != len(wanted):
            raise RowsMoved(f"a row of {model._meta.db_table} was deleted meanwhile")


def touch_absent(model: type[models.Model], *natural_key: object) -> None:
    """Give a row that was found absent, as it should be, a new version as a deleted row.

    ``natural_key`` is what the row's primary key is derived from (``NaturalKeyField``). Raises
    ``RowsMoved`` when it was added meanwhile. Does nothing with SQLite alone.
    """
    if not has_two_databases():
        return
    alias, table, pk = current_alias(), model._meta.db_table, derive_row_key(model, *natural_key)
    log_as_deleted(connections[alias], table, str(pk))
    if model._base_manager.using(alias).filter(pk=pk).exists():
        raise RowsMoved(f"a row of {table} was added meanwhile")
