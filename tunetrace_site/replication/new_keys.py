"""What arrives about a key that a data migration replaced (``rekey.py``) is done to the new one."""

from collections.abc import Iterator, Sequence

from .images import RowImage
from .models import Rekeyed
from .versions import derived_version, is_moved

_KEYS_PER_QUERY = 500


def follow_new_keys(alias: str, images: Sequence[RowImage]) -> Iterator[RowImage]:
    """The deletions that follow from those among ``images`` of keys which ``alias`` has replaced.

    A process that did not know the new key, or a database that had not been migrated, deleted the
    row by its old one.
    """
    gone = [image for image in images if image.deleted and not is_moved(image.version)]
    while gone:
        gone = [
            image
            for start in range(0, len(gone), _KEYS_PER_QUERY)
            for image in _follow_once(alias, gone[start : start + _KEYS_PER_QUERY])
        ]
        yield from gone


def _follow_once(alias: str, images: Sequence[RowImage]) -> Iterator[RowImage]:
    keys = [(image.table, image.pk) for image in images]
    found = Rekeyed.objects.using(alias).filter(pk__in=keys)
    moved = {(row.table_name, row.row_pk): (row.new_table_name, row.new_row_pk) for row in found}
    for image in images:
        if new := moved.get((image.table, image.pk)):
            yield RowImage(*new, derived_version(image.version), None)
