"""Suggestions from what a listener likes: arrays in, arrays out; no Django, clock or network.

The steps: ``build_snapshot(documents, interactions)`` fits one model of likes and text
(``collective``) and stores its neighbour lists; ``save_snapshot`` and ``load_snapshot`` write it to
disk and map it into memory; ``recommend(snapshot, query)`` answers one request: ``candidates`` (the
seeds' lists, and songs newer than the snapshot), ``filtering``, ``ranking``, ``reranking``,
``explanations``, and popular songs where nothing else is left.
"""

from music.recommender.candidates import Seed
from music.recommender.documents import SongDocument
from music.recommender.interactions import Interaction
from music.recommender.pipeline import recommend
from music.recommender.query import Query, Recommendation
from music.recommender.snapshot import Snapshot, build_snapshot
from music.recommender.snapshot_files import (
    SnapshotCorrupt,
    SnapshotMissing,
    current_version,
    load_snapshot,
    save_snapshot,
)

__all__ = [
    "Interaction",
    "Query",
    "Recommendation",
    "Seed",
    "Snapshot",
    "SnapshotCorrupt",
    "SnapshotMissing",
    "SongDocument",
    "build_snapshot",
    "current_version",
    "load_snapshot",
    "recommend",
    "save_snapshot",
]
