"""What a unit found to be so already, and tells its caller: that is a change too.

A like of a song that is liked writes nothing. Where the like was taken back on another machine (or
in a database that has come back from the past) a moment before, the deletion would win all the
same, though somebody was told after it that the song is liked. So a unit gives what it relied on a
new version.
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

    Raises ``RowsMoved`` when one of them is gone meanwhile: the unit runs again. Nothing is done
    with SQLite alone.
    """
    if not has_two_databases():
        return
    pks = defaultdict(set)
    for row in rows:
        pks[type(row)].add(row.pk)
    for model, wanted in pks.items():
        # The trigger fires for a row that is set to what it is.
        found = model._base_manager.using(current_alias()).filter(pk__in=wanted)
        if found.update(**{model._meta.pk.attname: F("pk")}) != len(wanted):
            raise RowsMoved(f"a row of {model._meta.db_table} was deleted meanwhile")


def touch_absent(model: type[models.Model], *natural_key: object) -> None:
    """Give a row that was found absent, as it should be, a new version as a deleted one.

    ``natural_key`` is what the row's primary key is derived from (``NaturalKeyField``). Raises
    ``RowsMoved`` when it was added meanwhile. Nothing is done with SQLite alone.
    """
    if not has_two_databases():
        return
    alias, table, pk = current_alias(), model._meta.db_table, derive_row_key(model, *natural_key)
    log_as_deleted(connections[alias], table, str(pk))
    if model._base_manager.using(alias).filter(pk=pk).exists():
        raise RowsMoved(f"a row of {table} was added meanwhile")
