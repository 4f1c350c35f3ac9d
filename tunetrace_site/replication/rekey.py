"""Helpers for data migrations that give rows another key, or make rows from others.

A data migration runs in each database by itself, perhaps days apart, and nothing that it writes is
captured. What it writes therefore gets the version *after* that of the row it comes from, by one
rule (``derived_version``): both databases make equal versions of equal rows, and where they differ
the newer source makes the newer result. All of it is logged, so that the database whose source was
older, or missing, receives it. docs/databases.md ("Data migrations") shows how to write one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from django.db import connections, models, transaction

from .apply import capture_suspended, claim_versions, is_capture_suspended
from .databases import has_two_databases
from .images import RowImage
from .log import log_images
from .models import Rekeyed, RowVersion
from .versions import derived_version, first_version, moved_version
from .write_queue import writer_turn

_BATCH_ROWS = 500

Make = Callable[[models.Model], models.Model | None]
_Made = dict[models.Model, models.Model]


def rekey_rows(sources: models.QuerySet, make: Make) -> int:
    """Replace each row of ``sources`` by ``make(row)``; return the number of rows stored.

    ``make`` returns an unsaved row of any model, or None where the row stays. It must be a pure
    function of the row, independent of the clock and of other rows. Where several rows become one,
    the one with the newest version stays. The old key is deleted and remembered: later changes by
    the old key, such as a deletion by a process of the old code, are applied to the new one.
    References to a row must have been moved before. Safe to repeat. Raises ``ValueError`` where
    ``make`` is found not to be pure.
    """
    return sum(_store(page, make, keep_sources=False) for page in _pages(sources))


def derive_rows(sources: models.QuerySet, make: Make) -> int:
    """Store ``make(row)`` beside each row of ``sources``, which stay; return the rows stored.

    ``make`` is as for ``rekey_rows``. Safe to repeat: a row is made again where its source has
    changed since, and left alone where it was changed itself. (With SQLite alone there are no
    versions: existing rows stay.)
    """
    return sum(_store(page, make, keep_sources=True) for page in _pages(sources))


def fill_rows(made: Mapping[models.Model, models.Model], fields: Sequence[str]) -> None:
    """Store ``fields`` of rows (of one model) whose values are computed from a second row each.

    Where the databases differ, the one whose two rows are newer wins: the stored row has the
    version after the newer of both. A value computed from its own row alone needs no helper.
    """
    if not made:
        return
    model, source_model = (type(row) for row in next(iter(made.items())))
    alias = str(next(iter(made))._state.db)  # each was read from there
    with writer_turn(alias), transaction.atomic(using=alias), _uncaptured(alias):
        model._base_manager.using(alias).bulk_update(made, fields, batch_size=_BATCH_ROWS)
        if not has_two_databases():
            return
        own = _versions_of(alias, model, [row.pk for row in made])
        others = _versions_of(alias, source_model, [row.pk for row in made.values()])
        images = [
            RowImage(*_key_of(row), derived_version(max(own[str(row.pk)], others[str(o.pk)])), ())
            for row, o in made.items()
        ]
        log_images(alias, claim_versions(alias, images))


def _pages(sources: models.QuerySet) -> Iterator[models.QuerySet]:
    """Yield pages in key order: of sources with equal versions the same one is first everywhere."""
    after, ordered = None, sources.order_by("pk")
    while page := (ordered if after is None else ordered.filter(pk__gt=after))[:_BATCH_ROWS]:
        after = page[len(page) - 1].pk
        yield page


def _store(page: models.QuerySet, make: Make, keep_sources: bool) -> int:
    alias = page.db
    made = {source: row for source in page if (row := _make(make, source))}
    if not made:
        return 0
    _check(make, *next(iter(made.items())))
    with writer_turn(alias), transaction.atomic(using=alias), _uncaptured(alias):
        versions = _versions_of(alias, page.model, [source.pk for source in made])
        if not keep_sources:
            _bury(alias, made, versions)
        newest = _newest(made, versions)
        won = _claim(alias, newest)
        for model in {type(row) for row in won}:
            rows = [row for row in won if type(row) is model]
            model._base_manager.using(alias).filter(pk__in=[row.pk for row in rows])._raw_delete(
                alias
            )
            # Django's private method: ``save`` would let ``auto_now_add`` put a clock into the row.
            fields = [field for field in model._meta.concrete_fields if not field.generated]
            manager = model._base_manager
            manager._insert(rows, fields=fields, using=alias, raw=True)  # type: ignore[attr-defined]
    return len(won)


def _make(make: Make, source: models.Model) -> models.Model | None:
    row = make(source)
    if row is None:
        return None
    if row.pk is None:
        row.pk = row._meta.pk.get_pk_value_on_save(row)
    return None if _key_of(row) == _key_of(source) else row


def _check(make: Make, source: models.Model, row: models.Model) -> None:
    """Raise ``ValueError`` for a ``make`` that would make unequal rows, or never come to an end."""
    fields = [field.attname for field in row._meta.concrete_fields]
    values, again = ([getattr(made, n) for n in fields] for made in (row, _make(make, source)))
    if values != again:
        raise ValueError(f"made from {source!r} twice, {row!r} is not the same: is there a clock?")
    if source._meta.db_table == row._meta.db_table and _make(make, row) is not None:
        raise ValueError(f"{row!r}, made from {source!r}, would get another key again")


def _uncaptured(alias: str) -> AbstractContextManager[None]:
    """Suspend capture outside migrations (inside one it is): a trigger would use the clock."""
    if not has_two_databases() or is_capture_suspended(alias):
        return nullcontext()
    return capture_suspended(alias)


def _versions_of(alias: str, model: type[models.Model], pks: Sequence[object]) -> dict[str, int]:
    """Return versions by key as text.

    A row older than the triggers has the first possible version.
    """
    found = RowVersion.objects.using(alias).filter(
        table_name=model._meta.db_table, row_pk__in=[str(pk) for pk in pks]
    )
    oldest = first_version(connections[alias].vendor)
    return {str(pk): oldest for pk in pks} | dict(found.values_list("row_pk", "version"))


def _bury(alias: str, made: _Made, versions: dict[str, int]) -> None:
    """Delete the sources, keeping their tombstones and the keys that replaced theirs."""
    model = type(next(iter(made)))
    model._base_manager.using(alias).filter(pk__in=[source.pk for source in made])._raw_delete(
        alias
    )
    if not has_two_databases():
        return
    tombstones = [
        RowImage(
            source._meta.db_table, str(source.pk), moved_version(versions[str(source.pk)]), None
        )
        for source in made
    ]
    claim_versions(alias, tombstones)
    log_images(alias, tombstones)
    moves = [
        Rekeyed(
            table_name=source._meta.db_table,
            row_pk=str(source.pk),
            new_table_name=row._meta.db_table,
            new_row_pk=str(row.pk),
        )
        for source, row in made.items()
    ]
    Rekeyed.objects.using(alias).bulk_create(
        moves,
        update_conflicts=True,
        unique_fields=["table_name", "row_pk"],
        update_fields=["new_table_name", "new_row_pk", "rekeyed_at"],
    )
    # A key that is in use again does not lead to another one.
    new_keys = [(move.new_table_name, move.new_row_pk) for move in moves]
    Rekeyed.objects.using(alias).filter(pk__in=new_keys).delete()


def _newest(made: _Made, versions: dict[str, int]) -> dict[models.Model, int]:
    """Return the rows to store with their versions, one per key: the newest, or first of equals."""
    newest: dict[tuple[str, str], tuple[models.Model, int]] = {}
    for source, row in made.items():
        version = derived_version(versions[str(source.pk)])
        known = newest.get(_key_of(row))
        if known is None or version > known[1]:
            newest[_key_of(row)] = (row, version)
    return dict(newest.values())


def _claim(alias: str, rows: dict[models.Model, int]) -> list[models.Model]:
    """Record and log the versions of the ``rows`` that are newer than what ``alias`` holds.

    Returns those rows with their versions.
    """
    if not has_two_databases():
        return [row for row in rows if not _exists(alias, row)]
    images = {_key_of(row): RowImage(*_key_of(row), version, ()) for row, version in rows.items()}
    won = claim_versions(alias, list(images.values()))
    log_images(alias, won)
    keys = {(image.table, image.pk) for image in won}
    return [row for row in rows if _key_of(row) in keys]


def _key_of(row: models.Model) -> tuple[str, str]:
    return row._meta.db_table, str(row.pk)


def _exists(alias: str, row: models.Model) -> bool:
    return type(row)._base_manager.using(alias).filter(pk=row.pk).exists()
