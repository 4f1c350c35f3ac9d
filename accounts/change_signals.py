"""A signal for caches of listeners and credentials that their rows have changed."""

from typing import Any, TypeVar

from django.db import models
from django.dispatch import Signal

from tunetrace_site.replication.unit import on_commit

Row = TypeVar("Row", bound=models.Model)

rows_changed = Signal()
"""Sent after the commit, with the model as ``sender`` and the primary key ``pk`` of the row that
was changed or deleted; ``pk`` is ``None`` where it may be any row."""


def tell_change(model: type[models.Model], pk: int | None = None) -> None:
    """Send ``rows_changed`` once the present unit of work has committed."""

    def send() -> None:
        rows_changed.send(sender=model, pk=pk)

    on_commit(send)


class TellingQuerySet(models.QuerySet[Row]):
    """Sends ``rows_changed`` after updates and deletions of many rows."""

    def update(self, **fields: Any) -> int:
        n_changed = super().update(**fields)
        if n_changed:
            tell_change(self.model)
        return n_changed

    def delete(self) -> tuple[int, dict[str, int]]:
        deleted = super().delete()
        if deleted[0]:
            tell_change(self.model)
        return deleted

    update.alters_data = delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class TellingModel(models.Model):
    """A model that sends ``rows_changed`` when a row is saved or deleted."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if not is_new:
            tell_change(type(self), self.pk)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        pk = self.pk
        deleted = super().delete(*args, **kwargs)
        tell_change(type(self), pk)
        return deleted

    save.alters_data = delete.alters_data = True  # type: ignore[attr-defined]
