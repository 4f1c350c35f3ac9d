"""Primary keys: a row has the same key in both databases, and no two rows ever have the same.

A key counted up by one database cannot be known to the other: after a failover it would name
another row (``docs/databases.md``). So our models derive theirs from natural keys: a digest needs
no counter. Content types and permissions follow from the installed code, and get derived keys too.
Tables of other packages count in ranges that cannot meet: PostgreSQL below 2**30, SQLite above. (In
that order, because SQLite goes on after the largest key it has seen, PostgreSQL after its own
last.) With several machines each has a part of SQLite's range, and INSERTs name the key
(``sqlite/``).
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from .tables import MirroredTable, mirrored_tables

SQLITE_RANGE_START = 2**30
_KEYS_PER_MACHINE = 2**26
_MASK_31_BITS = 2**31 - 1
_SEPARATOR = "\x1f"
_MASK_63_BITS = (1 << 63) - 1


def derive_key(label: str, *values: object) -> int:
    """Return a positive 63-bit integer derived from a model label and its natural key.

    It is SHA-256 cut to 63 bits: with 10^8 rows of one model the chance of any collision is 0.05 %,
    and a collision is refused by the primary key, never merged.
    """
    text = _SEPARATOR.join([label, *(str(value) for value in values)])
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") & _MASK_63_BITS or 1


def derive_row_key(model: type[models.Model], *natural_key: object) -> int:
    """Return the primary key of a row of ``model``; the natural key is in ``from_fields`` order."""
    return derive_key(model._meta.label_lower, *natural_key)


class NaturalKeyField(models.BigIntegerField):
    """A primary key computed from other fields of the row when it is first saved.

    ``from_fields`` are the attribute names of the natural key (``user_id`` for a foreign key
    ``user``), which must not change afterwards.
    """

    # The names of the fields are not part of the migration state: no column changes with them.
    non_db_attrs = (*models.BigIntegerField.non_db_attrs, "from_fields")

    def __init__(self, *args: Any, from_fields: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.from_fields = tuple(from_fields)
        kwargs.setdefault("primary_key", True)
        kwargs.setdefault("editable", False)
        # A default, even None, makes Django insert a new object instead of trying an update first:
        # saving a second row with the same natural key is an IntegrityError, not an overwrite.
        kwargs.setdefault("default", None)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs["from_fields"] = self.from_fields
        return name, path, args, kwargs

    def get_pk_value_on_save(self, instance: models.Model) -> int:
        """Return the derived key; ``save()`` and ``bulk_create()`` call this when none is set."""
        return derive_row_key(self.model, *(getattr(instance, name) for name in self.from_fields))


def derive_small_key(*natural_key: str) -> int:
    """Return a derived positive 31-bit key.

    Of 1,000 rows two collide, and are refused, at 0.02 %.
    """
    digest = hashlib.sha256("\x1f".join(natural_key).encode()).digest()
    return int.from_bytes(digest[:8], "big") & _MASK_31_BITS or 1


def key_range_of(machine_number: int) -> range:
    """Return the key range of machine 1 to 14; a machine without a number counts below them."""
    start = SQLITE_RANGE_START + machine_number * _KEYS_PER_MACHINE
    return range(start, start + _KEYS_PER_MACHINE)


def equalize_reference_rows(alias: str) -> None:
    """Give content types and permissions their derived keys, wherever they are referred to."""
    content_type = apps.get_model("contenttypes", "ContentType")
    permission = apps.get_model("auth", "Permission")
    with transaction.atomic(using=alias):
        _rekey(
            alias,
            content_type,
            ((c.pk, (c.app_label, c.model)) for c in content_type.objects.using(alias)),
        )
        permissions = permission.objects.using(alias).select_related("content_type")
        _rekey(
            alias,
            permission,
            (
                (p.pk, (p.content_type.app_label, p.content_type.model, p.codename))
                for p in permissions
            ),
        )
    content_type.objects.clear_cache()


def _rekey(
    alias: str, model: type[models.Model], rows: Iterable[tuple[int, tuple[str, ...]]]
) -> None:
    label, references = model._meta.label_lower, _references_to(model, alias)
    for old, natural_key in list(rows):
        new = derive_small_key(label, *natural_key)
        if new != old:
            model._base_manager.using(alias).filter(pk=old).update(id=new)
            for referring, attname in references:
                rows_there = referring._base_manager.using(alias).filter(**{attname: old})
                rows_there.update(**{attname: new})


def _references_to(model: type[models.Model], alias: str) -> list[tuple[type[models.Model], str]]:
    """Return the references from existing tables: one app may have been migrated before another."""
    existing = set(connections[alias].introspection.table_names())
    return [
        (other, field.attname)
        for other in apps.get_models(include_auto_created=True)
        for field in other._meta.concrete_fields
        if field.is_relation and field.related_model is model and other._meta.db_table in existing
    ]


def separate_counters(connection: BaseDatabaseWrapper) -> None:
    """Make the database count in its own key range from now on."""
    if connection.vendor == "postgresql":
        start_counting_above_the_rows(connection)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence")
        counters = dict(cursor.fetchall())
        for table in _counting_tables(connection):
            if table.name not in counters:
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)",
                    [table.name, SQLITE_RANGE_START],
                )
            elif counters[table.name] < SQLITE_RANGE_START:
                cursor.execute(
                    "UPDATE sqlite_sequence SET seq = %s WHERE name = %s",
                    [SQLITE_RANGE_START, table.name],
                )


def start_counting_above_the_rows(connection: BaseDatabaseWrapper, gap: int = 0) -> None:
    """Make PostgreSQL count on after the largest key used in its own range, plus ``gap``."""
    with connection.cursor() as cursor:
        for table in _counting_tables(connection):
            column = table.pk.column
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, %s), greatest("
                f' (SELECT max("{column}") FROM "{table.name}" WHERE "{column}" < %s), 1,'
                " nextval(pg_get_serial_sequence(%s, %s))) + %s)",
                [f'"{table.name}"', column, SQLITE_RANGE_START, f'"{table.name}"', column, gap],
            )


def _counting_tables(connection: BaseDatabaseWrapper) -> list[MirroredTable]:
    existing = set(connection.introspection.table_names())
    tables = mirrored_tables().items()
    return [table for name, table in tables if table.counts_its_keys and name in existing]
