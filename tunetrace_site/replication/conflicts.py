"""Settles rows that cannot simply be written: a parent is missing, or another row is in the way.

This is rare, so the code is plain rather than fast: one image at a time.
"""

from collections.abc import Iterator
from itertools import chain

from django.db import connections, models, transaction

from .apply import capture_suspended, follow_new_keys, write_newer
from .images import RowImage, RowKey, read_images
from .log import log_again
from .models import RowVersion
from .tables import MirroredTable, Unique, mirrored_tables
from .versions import first_version, next_version
from .write_queue import writer_turn


def apply_with_what_it_needs(source: str, target: str, image: RowImage) -> None:
    """Apply one image with the parents it lacks; of rows that collide, keep the newer one.

    A row that only ``target`` knows and that refers to a deleted row is deleted with it, as
    Django's ``on_delete`` says; of two rows with the same unique value the newer one stays. Rows
    changed to make room are captured, so that ``source`` learns of it. Raises ``IntegrityError``
    when the row cannot be kept at all (its parent was deleted at ``target``).
    """
    with writer_turn(target), transaction.atomic(using=target):
        if image.version <= find_key(target, image.table, image.pk).version:
            return
        if image.deleted:
            _delete_with_children(target, image)
            return
        parents = _missing_parents(source, target, image)
        if images := _make_room(source, target, image):
            with capture_suspended(target):
                write_newer(target, [*parents, *images])


def find_key(alias: str, table: str, pk: str) -> RowKey:
    """Return the key and version that ``alias`` knows of a row; version 0 for an unknown row."""
    found = RowVersion.objects.using(alias).filter(table_name=table, row_pk=pk).first()
    if found:
        return RowKey(table, pk, found.version, found.deleted)
    return RowKey(table, pk, 0, deleted=not row_exists(alias, table, pk))


def row_exists(alias: str, table: str, pk: str) -> bool:
    """Return whether ``alias`` holds the row."""
    return _rows(alias, mirrored_tables()[table]).filter(pk=pk).exists()


def _delete_with_children(target: str, image: RowImage) -> None:
    for gone in (image, *follow_new_keys(target, [image])):
        row = _rows(target, mirrored_tables()[gone.table]).filter(pk=gone.pk).first()
        if row is not None and find_key(target, gone.table, gone.pk).version < gone.version:
            row.delete(using=target)
    with capture_suspended(target):
        write_newer(target, [image])


def _rows(alias: str, table: MirroredTable) -> models.QuerySet:
    return table.model._base_manager.using(alias)


def _missing_parents(source: str, target: str, image: RowImage) -> Iterator[RowImage]:
    table = mirrored_tables()[image.table]
    for field, value in zip(table.fields, image.row, strict=True):
        if not isinstance(field, models.ForeignKey):
            continue
        parent = field.related_model._meta.db_table
        is_forbidden = field.db_constraint  # type: ignore[attr-defined]  # not in the stubs
        if parent not in mirrored_tables() or value is None or not is_forbidden:
            continue  # a row may refer to what is not there where no constraint forbids it
        if parent == image.table and str(value) == image.pk:
            continue
        if not row_exists(target, parent, str(value)):
            yield from _fetch(source, target, parent, str(value))


def _fetch(source: str, target: str, table: str, pk: str) -> Iterator[RowImage]:
    known = find_key(source, table, pk)
    if known.deleted:
        return
    version = known.version or first_version(connections[source].vendor)
    for image in read_images(source, [RowKey(table, pk, version, deleted=False)]):
        yield from _missing_parents(source, target, image)
        yield image


def _make_room(source: str, target: str, image: RowImage) -> list[RowImage]:
    """Remove older rows that hold a unique value of this row; return the images to write then.

    A row in the way that ``source`` has changed since (two rows have swapped the value) is removed
    only for a moment: it is returned as well. Nothing is returned when a newer row holds the value.
    """
    table, images, coming = mirrored_tables()[image.table], [], [image]
    for wanted in coming:  # which grows
        rivals = {} if wanted.deleted else _find_rivals(target, table, wanted)
        if any(key.version > wanted.version for key in rivals.values()):
            _reject(target, wanted)
            continue
        for rival, key in rivals.items():
            known = find_key(source, table.name, key.pk)
            if known.version > key.version:
                with capture_suspended(target):
                    _rows(target, table).filter(pk=rival.pk)._raw_delete(target)
                if key.pk not in [image.pk for image in coming]:
                    coming += read_images(source, [known])
            else:
                rival.delete(using=target)
        images.append(wanted)
    return images


def _find_rivals(target: str, table: MirroredTable, image: RowImage) -> dict[models.Model, RowKey]:
    rivals = chain.from_iterable(_rivals(target, table, u, image) for u in table.uniques)
    return {rival: find_key(target, table.name, str(rival.pk)) for rival in rivals}


def _rivals(target: str, table: MirroredTable, unique: Unique, image: RowImage) -> models.QuerySet:
    values = dict(zip((field.attname for field in table.fields), image.row, strict=True))
    wanted = {name: values[name] for name in unique.attnames}
    nobody = _rows(target, table).none()
    if None in wanted.values():
        return nobody
    rows = _rows(target, table).filter(**wanted).exclude(pk=image.pk)
    if unique.condition is None:
        return rows
    meets = unique.condition.check(values, using=target)
    return rows.filter(unique.condition) if meets else nobody


def _reject(target: str, image: RowImage) -> None:
    """Make the source delete its row, which lost against a newer one."""
    version = next_version(image.version, connections[target].vendor)
    log_again(target, RowKey(image.table, image.pk, version, deleted=True))
