"""Filtering: which songs may be suggested at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from music.recommender.facts import UNKNOWN, SongFacts, genre_key


@dataclass(frozen=True, slots=True)
class SongFilter:
    """The allowed range of durations, both ends included; unknown durations pass."""

    min_seconds: int = 60
    max_seconds: int = 900

    def passes(self, facts: SongFacts) -> np.ndarray:
        """Return which songs of ``facts`` pass, as a bool array."""
        seconds = facts.duration_seconds
        passing = (seconds >= self.min_seconds) & (seconds <= self.max_seconds)
        return passing | (seconds == UNKNOWN)


def of_genres(facts: SongFacts, wanted: Collection[str], names: Sequence[str]) -> np.ndarray:
    """Return which songs of ``facts`` are of a ``wanted`` genre; all when none is wanted.

    ``names`` are the genre names by code.
    """
    if not wanted:
        return np.ones(facts.genre.size, bool)
    keys = {genre_key(genre) for genre in wanted}
    return np.array([*(name in keys for name in names), False], bool)[facts.genre]
