"""The mirrored tables: every table, except those that are equal without being mirrored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

# This package's own tables describe one database. Content types and permissions follow from the
# installed code: both databases derive the same rows with the same keys (keys.py).
_NOT_MIRRORED_APPS = {"replication", "contenttypes"}
_NOT_MIRRORED_MODELS = {"auth.permission"}

PLAIN_TYPES = (
    models.AutoField,
    models.BooleanField,
    models.CharField,
    models.FloatField,
    models.IntegerField,
    models.TextField,
)
"""Fields whose Python values JSON gives back unchanged and databases take as parameters."""


@dataclass(frozen=True)
class MirroredTable:
    """One table that both databases hold."""

    model: type[models.Model]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def fields(self) -> tuple[models.Field, ...]:
        return tuple(self.model._meta.concrete_fields)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(field.column for field in self.fields if field.column)

    @property
    def pk(self) -> models.Field:
        return self.model._meta.pk

    @cached_property
    def pk_index(self) -> int:
        return self.columns.index(self.pk.column)

    @property
    def counts_its_keys(self) -> bool:
        """Whether the database itself assigns the primary keys."""
        return isinstance(self.pk, models.AutoField)

    @cached_property
    def uniques(self) -> tuple["Unique", ...]:
        """Every unique constraint besides the primary key."""
        meta = self.model._meta
        found = [Unique((f.attname,)) for f in self.fields if f.unique and not f.primary_key]
        found += [Unique(self._attnames(names)) for names in meta.unique_together]
        for constraint in meta.constraints:
            if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
                found.append(Unique(self._attnames(constraint.fields), constraint.condition))
        return tuple(found)

    def _attnames(self, names: Iterable[str]) -> tuple[str, ...]:
        attnames = {field.name: field.attname for field in self.fields}
        return tuple(attnames[name] for name in names)


def find_kind(field: models.Field) -> models.Field:
    """Return ``field``, or what a foreign key refers to: the field that says what values are."""
    return field.target_field if isinstance(field, models.ForeignKey) else field


def to_parameters(
    fields: Sequence[models.Field], rows: Sequence[Sequence[Any]], connection: BaseDatabaseWrapper
) -> list[Sequence[Any]]:
    """Return rows of Python values of ``fields`` as parameters of statements."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for place, field in enumerate(fields if rows else ()):
        kind = find_kind(field)
        if isinstance(kind, models.DateTimeField):
            columns[place] = [connection.ops.adapt_datetimefield_value(v) for v in columns[place]]
        elif not isinstance(kind, PLAIN_TYPES):
            columns[place] = [field.get_db_prep_save(value, connection) for value in columns[place]]
    return list(zip(*columns, strict=True))


def read_type(field: models.Field, connection: BaseDatabaseWrapper) -> str:
    """Return the type of a column that holds values of ``field``, without the length."""
    return (field.rel_db_type(connection) or "").partition("(")[0]


def read_types(model: type[models.Model], connection: BaseDatabaseWrapper) -> tuple[str, ...]:
    """Return ``read_type`` of each column of ``model``, which is found once for each vendor."""
    key = model, connection.vendor
    if key not in _types:
        fields = model._meta.concrete_fields
        _types[key] = tuple(read_type(field, connection) for field in fields)
    return _types[key]


_types: dict[tuple[type[models.Model], str], tuple[str, ...]] = {}


@dataclass(frozen=True)
class Unique:
    """A unique constraint on the attributes ``attnames``, among rows that meet ``condition``."""

    attnames: tuple[str, ...]
    condition: models.Q | None = None


@cache
def mirrored_tables() -> dict[str, MirroredTable]:
    """Return every mirrored table by name."""
    models_found = filter(_is_mirrored, apps.get_models(include_auto_created=True))
    return {model._meta.db_table: MirroredTable(model) for model in models_found}


def _is_mirrored(model: type[models.Model]) -> bool:
    meta = model._meta
    if not meta.managed or meta.proxy or meta.app_label in _NOT_MIRRORED_APPS:
        return False
    return meta.label_lower not in _NOT_MIRRORED_MODELS
