"""Turns a listener's taste and the songs just named into the seeds of one recommendation."""

import time
from collections.abc import Iterable, Sequence

from music.recommender.candidates import Seed

from .listeners import Taste, TimedSong

NAMED_WEIGHT = 1.0
LIKED_WEIGHT = 1.0
BACKGROUND_WEIGHT = 0.35
"""The weight of a stored like where the request itself names songs."""
PLAYED_WEIGHT = 0.25
SKIPPED_WEIGHT = 0.3
DISMISSED_WEIGHT = 1.0
LESS_LIKE_FACTOR = 0.15
"""The factor of a seed's weight when the listener wants less that is like it."""
DISMISSAL_HALF_LIFE_DAYS = 60.0
"""A dismissal's effect on similar songs wears off; the song itself is never suggested again."""


def build_seeds(named: Sequence[str], taste: Taste) -> list[Seed]:
    """Return the seeds: addresses of songs, each once with its largest weight."""
    liked_weight = BACKGROUND_WEIGHT if named else LIKED_WEIGHT
    weights: dict[str, float] = dict.fromkeys(named, NAMED_WEIGHT)
    for like in taste.likes:
        if like.learn and like.song_id:
            weights.setdefault(like.song_id, liked_weight)
    for played in taste.played:
        weights.setdefault(played.song_id, PLAYED_WEIGHT * liked_weight)
    for like in taste.likes:
        if not like.learn and like.song_id not in named:
            weights.pop(like.song_id or "", None)
    for song_id in set(taste.less_like) & weights.keys() - set(named):
        weights[song_id] *= LESS_LIKE_FACTOR
    return [Seed(song_id, weight) for song_id, weight in weights.items()]


def build_rejections(taste: Taste) -> list[Seed]:
    """Return songs to avoid with weights: dismissals, and, with smaller weights, skips."""
    dismissed = _faded(taste.dismissed, DISMISSED_WEIGHT)
    return list(dismissed) + list(_faded(taste.skipped, SKIPPED_WEIGHT))


def list_excluded(named: Sequence[str], taste: Taste) -> frozenset[str]:
    """Return the songs that must not be suggested: all that was named, liked or dismissed."""
    liked = (like.song_id for like in taste.likes if like.song_id)
    return frozenset((*named, *liked, *(d.song_id for d in taste.dismissed)))


def _faded(songs: Iterable[TimedSong], weight: float) -> Iterable[Seed]:
    now = time.time()
    for song in songs:
        age_days = max(0.0, now - song.at) / 86_400
        yield Seed(song.song_id, weight * 0.5 ** (age_days / DISMISSAL_HALF_LIFE_DAYS))
