"""Replaces the rows of a database by those of a backup, writing only what differs.

Both are read side by side in the order of the primary key, a page at a time. Rows to be written
wait on the disk until all rows that go are deleted: a new row may take a unique value that a
deleted row gave up.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, BinaryIO

from django.contrib.auth import get_user_model

from tunetrace_site.replication.tables import MirroredTable, mirrored_tables

from . import BackupError
from .archive import TableSection, read_sections
from .bulk import delete_rows, insert_rows, set_versions
from .destination import open_scratch_file
from .rows import Row, decode_key, encode_row, read_lines
from .snapshot import read_all_values, saved_tables

_BATCH_ROWS = 2000

Progress = Callable[[str, int], None]
# A line of the backup and the primary key of the present row that it replaces; either can be None.
Difference = tuple[bytes | None, Any]


@dataclass
class Changes:
    """What a restore changed in a database: listeners removed, deleted listeners brought back."""

    n_written: int = 0
    n_deleted: int = 0
    listeners_back: list[int] = field(default_factory=list)
    listeners_gone: list[int] = field(default_factory=list)


def rewrite_database(
    alias: str,
    file: BinaryIO,
    version: int | None,
    was_deleted: Callable[[int], bool],
    progress: Progress | None = None,
) -> Changes:
    """Give ``alias`` exactly the rows of a checked backup, in the caller's transaction.

    Changed rows get ``version`` (None with SQLite alone). ``was_deleted`` is called for each
    listener who comes back; ``progress`` gets the name of a table and the number of lines just
    read. Raises ``BackupError`` when a table is missing.
    """
    changes, tables = Changes(), saved_tables()
    for section in read_sections(file):
        table = tables.pop(section.table, None)
        if table is None:
            raise BackupError(f"it has a table {section.table}, which this code does not know")
        _Rewriter(alias, table, version, changes, was_deleted, progress).rewrite(section)
    if tables:
        raise BackupError(f"it lacks the table {next(iter(tables))}")
    return changes


class _Rewriter:
    """Brings one table to what the backup holds for it."""

    def __init__(
        self,
        alias: str,
        table: MirroredTable,
        version: int | None,
        changes: Changes,
        was_deleted: Callable[[int], bool],
        progress: Progress | None,
    ) -> None:
        self._alias, self._table, self._version = alias, table, version
        self._changes, self._was_deleted, self._progress = changes, was_deleted, progress
        # Rows of a table that is not mirrored follow from the code: none of them is deleted.
        self._is_mirrored = table.name in mirrored_tables()
        self._names_listeners = table.name == get_user_model()._meta.db_table

    def rewrite(self, section: TableSection) -> None:
        pages = read_all_values(self._alias, self._table)
        first_page = next(pages, [])
        present = chain(first_page, chain.from_iterable(pages))
        differences = find_differences(
            self._table, self._counted(read_lines(self._table, section)), present
        )
        with open_scratch_file() as waiting:
            for batch in _batches(differences):
                self._note_listeners(batch)
                wanted = [line for line, _ in batch if line is not None]
                if not first_page:
                    self._insert(wanted)
                    continue
                self._delete([pk for _, pk in batch if pk is not None])
                waiting.writelines(wanted)
            waiting.seek(0)
            for wanted in _batches(waiting):
                self._insert(wanted)

    def _counted(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        for batch in _batches(lines):
            yield from batch
            if self._progress:
                self._progress(self._table.name, len(batch))

    def _delete(self, pks: list[Any]) -> None:
        if not pks or not self._is_mirrored:
            return
        delete_rows(self._alias, self._table, pks)
        if self._version is not None:
            set_versions(self._alias, self._table, pks, self._version, deleted=True)
        self._changes.n_deleted += len(pks)

    def _insert(self, lines: list[bytes]) -> None:
        insert_rows(self._alias, self._table, lines, only_missing=not self._is_mirrored)
        if not self._is_mirrored:
            return
        if self._version is not None:
            pks = [decode_key(self._table, line) for line in lines]
            set_versions(self._alias, self._table, pks, self._version, deleted=False)
        self._changes.n_written += len(lines)

    def _note_listeners(self, batch: list[Difference]) -> None:
        if not self._names_listeners:
            return
        for line, pk in batch:
            if line is None:
                self._changes.listeners_gone.append(pk)
            elif pk is None and self._was_deleted(listener := decode_key(self._table, line)):
                self._changes.listeners_back.append(listener)


def find_differences(
    table: MirroredTable, lines: Iterator[bytes], present: Iterator[Row]
) -> Iterator[Difference]:
    """Yield what differs between a backup and a database, both in the order of the primary key.

    A line without a key is a row that the database lacks, a key without a line is a row that the
    backup does not have.
    """
    index, line, row = table.pk_index, next(lines, None), next(present, None)
    while line is not None or row is not None:
        if line is None or row is None:
            yield line, None if row is None else row[index]
            line, row = next(lines, None), next(present, None)
        elif encode_row(row) == line:
            line, row = next(lines, None), next(present, None)
        else:
            saved, held = decode_key(table, line), row[index]
            yield line if saved <= held else None, held if held <= saved else None
            line = next(lines, None) if saved <= held else line
            row = next(present, None) if held <= saved else row


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    source = iter(items)
    while batch := list(islice(source, _BATCH_ROWS)):
        yield batch
