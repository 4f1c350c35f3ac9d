"""Columns of songs on disk, for the next build (``tunetrace_site.machine.array_files``)."""

from dataclasses import fields
from pathlib import Path
from uuid import uuid4

import numpy as np

from music.recommender.facts import SongFacts
from music.recommender.song_columns import SongColumns, SongRows
from tunetrace_site.machine.array_files import (
    SnapshotCorrupt,
    SnapshotMissing,
    load_arrays,
    save_arrays,
)

FORMAT = 1
"""Increased whenever the arrays change their meaning; other formats are not used."""
_SEPARATOR = "\n"


def save_columns(columns: SongColumns, folder: Path) -> None:
    """Write ``columns`` under ``folder``, without the terms that no song has any more.

    Raises ``OSError`` if the disk is full.
    """
    rows = columns.rows
    kept = np.flatnonzero(np.bincount(rows.numbers, minlength=len(columns.vocabulary)))
    number_of = np.zeros(len(columns.vocabulary), np.int32)
    number_of[kept] = np.arange(kept.size, dtype=np.int32)
    vocabulary = _SEPARATOR.join(columns.vocabulary[term] for term in kept.tolist())
    arrays = {name: getattr(rows, name) for name in _ARRAYS}
    arrays |= {f"facts.{name}": getattr(rows.facts, name) for name in _FACTS}
    arrays["numbers"] = number_of[rows.numbers]
    arrays["vocabulary"] = np.frombuffer(vocabulary.encode("utf-8", "surrogatepass"), np.uint8)
    save_arrays(
        folder, uuid4().hex, arrays, facts={"genres": list(columns.genres)}, format_number=FORMAT
    )


def load_columns(folder: Path) -> SongColumns | None:
    """Return the columns in ``folder``, their arrays mapped; None where they cannot be used."""
    try:
        stored = load_arrays(folder, format_number=FORMAT)
        arrays = stored.arrays
        facts = SongFacts(**{name: arrays[f"facts.{name}"] for name in _FACTS})
        rows = SongRows(**{name: arrays[name] for name in _ARRAYS}, facts=facts)
        text = arrays["vocabulary"].tobytes().decode("utf-8", "surrogatepass")
        return SongColumns(rows, text.split(_SEPARATOR), tuple(stored.facts["genres"]))
    except (SnapshotMissing, SnapshotCorrupt, KeyError, UnicodeDecodeError):
        return None


_FACTS = [field.name for field in fields(SongFacts)]
_ARRAYS = [field.name for field in fields(SongRows) if field.name != "facts"]
