"""INSERT statements that name the primary key, where counted keys of two machines would meet.

SQLite counts on from the largest key it holds, which may have come from another machine.
"""

from typing import Any

from django.conf import settings
from django.db.models import Field, Model
from django.db.models.expressions import RawSQL
from django.db.models.sql import compiler
from django.db.models.sql.compiler import (
    SQLAggregateCompiler,
    SQLCompiler,
    SQLDeleteCompiler,
    SQLUpdateCompiler,
)

from tunetrace_site.replication.keys import key_range_of
from tunetrace_site.replication.tables import mirrored_tables

__all__ = [
    "SQLAggregateCompiler",
    "SQLCompiler",
    "SQLDeleteCompiler",
    "SQLInsertCompiler",
    "SQLUpdateCompiler",
]


class SQLInsertCompiler(compiler.SQLInsertCompiler):
    """Adds the key to an INSERT without one: the next one in the range of this machine."""

    _counted_key: Field | None = None
    _n_keys = 0

    def as_sql(self) -> list[tuple[str, tuple[Any, ...]]]:  # type: ignore[override]
        # (Django's own differs from other statements' in the same way: an INSERT may be several.)
        meta = self.query.get_meta()
        table = mirrored_tables().get(meta.db_table)
        if table is not None and table.counts_its_keys and meta.pk not in self.query.fields:
            self._counted_key = meta.pk
            self.query.fields = [meta.pk, *self.query.fields]
        return super().as_sql()

    def pre_save_val(self, field: Field, obj: Model) -> Any:
        if field is not self._counted_key:
            return super().pre_save_val(field, obj)
        self._n_keys += 1
        return self._next_key(field)

    def _next_key(self, key: Field) -> RawSQL:
        """Return SQL for the next key.

        Run inside the INSERT, so that no other writer finds the same.
        """
        keys = key_range_of(settings.MACHINE_NUMBER)
        table = self.query.get_meta().db_table
        largest = (
            f'SELECT coalesce(max("{key.column}"), %s) + %s FROM "{table}"'
            f' WHERE "{key.column}" BETWEEN %s AND %s'
        )
        return RawSQL(largest, [keys.start - 1, self._n_keys, keys.start, keys.stop - 1])
