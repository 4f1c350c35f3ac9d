"""Filtering: which songs may be suggested at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from music.recommender.facts import UNKNOWN, SongFacts, genre_key


@dataclass(frozen=True, slots=True)
class SongFilter:
    """How long a song may be, both ends allowed; unknown durations pass."""

    min_seconds: int = 60
    max_seconds: int = 900

    def passes(self, facts: SongFacts) -> np.ndarray:
        """Which songs of ``facts`` may be suggested; a bool array."""
        seconds = facts.duration_seconds
        passing = (seconds >= self.min_seconds) & (seconds <= self.max_seconds)
        return passing | (seconds == UNKNOWN)


def of_genres(facts: SongFacts, wanted: Collection[str], names: Sequence[str]) -> np.ndarray:
    """Which songs of ``facts`` are of a ``wanted`` genre, given the genre ``names`` by code; all
    when none is wanted.
    """
    if not wanted:
        return np.ones(facts.genre.size, bool)
    keys = {genre_key(genre) for genre in wanted}
    return np.array([*(name in keys for name in names), False], bool)[facts.genre]
