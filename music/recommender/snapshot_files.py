"""Snapshots of the recommender on disk (``tunetrace_site.machine.array_files``)."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from music.recommender.facts import SongFacts
from music.recommender.neighbours import NeighbourLists, RowSets
from music.recommender.snapshot import Placing, Snapshot
from tunetrace_site.machine.array_files import (
    SnapshotCorrupt,
    SnapshotMissing,
    current_version,
    load_arrays,
    save_arrays,
)

__all__ = [
    "SnapshotCorrupt",
    "SnapshotMissing",
    "current_version",
    "load_snapshot",
    "save_snapshot",
]

FORMAT = 7
"""Increased whenever the arrays change their meaning; other formats are refused."""


def save_snapshot(snapshot: Snapshot, folder: Path) -> Path:
    """Write ``snapshot`` under ``folder`` and make it the current one; return its sub-folder."""
    placing = snapshot.placing
    facts = {
        "genres": list(snapshot.genres),
        "placing": {
            "scale": placing.scale,
            "lift": placing.lift,
            "seed_weight": placing.seed_weight,
        },
    }
    return save_arrays(
        folder, snapshot.version, _arrays_of(snapshot), facts=facts, format_number=FORMAT
    )


def load_snapshot(folder: Path) -> Snapshot:
    """Return the current snapshot of ``folder``, its arrays memory-mapped read-only.

    Raises ``SnapshotMissing`` when there is none and ``SnapshotCorrupt`` when it is not whole, not
    what was written, or of another format.
    """
    stored = load_arrays(folder, format_number=FORMAT)
    try:
        return _restore(stored.version, stored.facts, stored.arrays)
    except (KeyError, TypeError) as error:
        raise SnapshotCorrupt(f"{folder / stored.version}: the manifest lacks {error}") from error


def _arrays_of(snapshot: Snapshot) -> dict[str, np.ndarray]:
    arrays = {"song_ids": snapshot.song_ids, "terms": snapshot.terms, "popular": snapshot.popular}
    for prefix, part in _parts(snapshot).items():
        for field in fields(part):
            value = getattr(part, field.name)
            if isinstance(value, np.ndarray):
                arrays[f"{prefix}.{field.name}"] = value
    return arrays


def _parts(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "facts": snapshot.facts,
        "neighbours": snapshot.neighbours,
        "placing": snapshot.placing,
        "holders": snapshot.holders,
        "likers": snapshot.likers,
    }


def _restore(version: str, told: dict[str, Any], arrays: dict[str, np.ndarray]) -> Snapshot:
    def part(kind: type, prefix: str, **others: float) -> Any:
        names = [field.name for field in fields(kind) if field.name not in others]
        return kind(**{name: arrays[f"{prefix}.{name}"] for name in names}, **others)

    return Snapshot(
        version=version,
        song_ids=arrays["song_ids"],
        terms=arrays["terms"],
        genres=tuple(told["genres"]),
        facts=part(SongFacts, "facts"),
        neighbours=part(NeighbourLists, "neighbours"),
        placing=part(Placing, "placing", **told["placing"]),
        popular=arrays["popular"],
        holders=part(RowSets, "holders"),
        likers=part(RowSets, "likers"),
    )
