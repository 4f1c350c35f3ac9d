"""Primary keys made from natural keys, so that a row has the same key in both databases.

A key counted up by one database cannot be known by the other: after a failover it would name
another row (``docs/databases.md``). A digest of the natural key needs no counter.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import models

_SEPARATOR = "\x1f"
_MASK_63_BITS = (1 << 63) - 1


def derive_key(label: str, *values: object) -> int:
    """A positive 63-bit integer from a model label and its natural key.

    SHA-256 cut to 63 bits: with 10^8 rows of one model the chance of any collision is 0.05 %,
    and a collision is refused by the primary key, never merged.
    """
    text = _SEPARATOR.join([label, *(str(value) for value in values)])
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") & _MASK_63_BITS or 1


def derive_row_key(model: type[models.Model], *natural_key: object) -> int:
    """The primary key of the row of ``model`` with this natural key (in ``from_fields`` order)."""
    return derive_key(model._meta.label_lower, *natural_key)


class NaturalKeyField(models.BigIntegerField):
    """A primary key computed from other fields of the row when it is first saved.

    ``from_fields`` are the attribute names of the natural key (``user_id`` for a foreign key
    ``user``), which must not change afterwards.
    """

    # Which fields the key is made of is the code's affair: no column changes with it.
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
        """Called by ``save()`` and ``bulk_create()`` alike when the key is not set."""
        return derive_row_key(self.model, *(getattr(instance, name) for name in self.from_fields))
