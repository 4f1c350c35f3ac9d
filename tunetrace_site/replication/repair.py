"""Settles rows that differ although the logs do not say why.

The newer version decides: where it says that the row exists, the row is restored, also if the side
with the newer version is the one that has lost it. Nothing is deleted that no version calls
deleted. Overwritten rows are kept in a file.
"""

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connections, transaction

from tunetrace_site.machine.files import state_path

from .conflicts import apply_with_what_it_needs, find_key
from .databases import POSTGRES, SQLITE, display_name, other, preferred
from .images import RowImage, RowKey, read_images
from .log import log_again
from .reconcile import Difference, as_text
from .tables import mirrored_tables
from .versions import next_version
from .write_queue import writer_turn


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is to be done about one row that differs.

    The row of ``source`` becomes both sides', or, if ``source`` is None, the row is deleted where
    it still exists. ``version`` is the newest one known for the row.
    """

    table: str
    pk: str
    source: str | None
    held_by: tuple[str, ...]
    version: int
    because: str

    @property
    def overwritten(self) -> tuple[str, ...]:
        """The databases whose row is replaced or deleted."""
        return tuple(alias for alias in self.held_by if alias != self.source)

    def __str__(self) -> str:
        if self.source is None:
            what = f"delete it in {_names(self.held_by)}"
        elif self.overwritten:
            what = f"put {_names([self.source])}'s row into {_names(self.overwritten)}"
        else:
            what = f"put it back into {_names([other(self.source)])}"
        return f"{self.table} {self.pk}: {what}, since {self.because}"


def _names(aliases: Sequence[str]) -> str:
    return " and ".join(display_name(alias) for alias in aliases)


def find_remedy(difference: Difference) -> Remedy | None:
    """Return what the versions say about a row that differs.

    None when neither side has it any more.
    """
    table, pk, held_by = difference.table, difference.pk, difference.held_by
    if not held_by:
        return None
    keys = {alias: find_key(alias, table, pk) for alias in (SQLITE, POSTGRES)}
    newest = max(key.version for key in keys.values())
    newer = [alias for alias, key in keys.items() if key.version == newest]
    if all(keys[alias].deleted for alias in newer):
        return Remedy(table, pk, None, held_by, newest, "its newest version is a deletion")
    if len(held_by) == 1:
        because = "its newest version says that it lives"
        return Remedy(table, pk, held_by[0], held_by, newest, because)
    if len(newer) == 1:
        because = f"{_names(newer)} has the newer version"
        return Remedy(table, pk, newer[0], held_by, newest, because)
    because = f"both have the same version and {_names([preferred()])} leads"
    return Remedy(table, pk, preferred(), held_by, newest, because)


def find_remedies(differences: Sequence[Difference]) -> list[Remedy]:
    """Return what is to be done about rows that differ."""
    found = (find_remedy(difference) for difference in differences)
    return [remedy for remedy in found if remedy is not None]


def repair(remedies: Sequence[Remedy]) -> Path | None:
    """Give each row a version above all that are known for it, so that the relay sends it.

    Returns the file in ``STATE_DIR`` (mode 0600) with the rows that are overwritten or deleted, one
    JSON object a line, written before anything is changed; None when there are none.
    """
    kept = _keep_overwritten(remedies)
    for remedy in remedies:
        if remedy.source is None:
            _delete_everywhere(remedy)
        else:
            version = next_version(remedy.version, connections[remedy.source].vendor)
            key = RowKey(remedy.table, remedy.pk, version, deleted=False)
            with writer_turn(remedy.source), transaction.atomic(using=remedy.source):
                log_again(remedy.source, key)
    return kept


def _delete_everywhere(remedy: Remedy) -> None:
    version = next_version(remedy.version, connections[remedy.held_by[0]].vendor)
    image = RowImage(remedy.table, remedy.pk, version, None)
    for alias in (SQLITE, POSTGRES):
        apply_with_what_it_needs(other(alias), alias, image)


def _keep_overwritten(remedies: Sequence[Remedy]) -> Path | None:
    lines = [line for remedy in remedies for line in _describe_overwritten(remedy)]
    if not lines:
        return None
    path = _free_path()
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    return path


def _free_path() -> Path:
    name, n_tries = time.strftime("overwritten-%Y%m%d-%H%M%S", time.gmtime()), 1
    path = state_path(f"{name}.jsonl")
    while path.exists():
        n_tries += 1
        path = state_path(f"{name}-{n_tries}.jsonl")
    return path


def _describe_overwritten(remedy: Remedy) -> Iterator[str]:
    columns = mirrored_tables()[remedy.table].columns
    for alias in remedy.overwritten:
        for image in read_images(alias, [RowKey(remedy.table, remedy.pk, 0, deleted=False)]):
            entry: dict[str, Any] = {
                "table": remedy.table,
                "key": remedy.pk,
                "database": display_name(alias),
                "because": remedy.because,
                "row": dict(zip(columns, image.values or (), strict=True)),
            }
            yield json.dumps(entry, default=as_text)
