"""From a listener's taste and the songs just named to the seeds of one recommendation."""

import time
from collections.abc import Iterable, Sequence

from music.recommender.candidates import Seed

from .listeners import Taste, TimedVideo

NAMED_WEIGHT = 1.0
LIKED_WEIGHT = 1.0
BACKGROUND_WEIGHT = 0.35
"""A stored like beside songs named in the request: they are what is asked for, it is who asks."""
PLAYED_WEIGHT = 0.25
SKIPPED_WEIGHT = 0.3
DISMISSED_WEIGHT = 1.0
DISMISSAL_HALF_LIFE_DAYS = 60.0
"""A dismissal's effect on its neighbours wears off; the song itself stays away for good."""


def build_seeds(named: Sequence[str], taste: Taste) -> list[Seed]:
    """What to recommend from: video ids with weights, each id once at its largest weight."""
    liked_weight = BACKGROUND_WEIGHT if named else LIKED_WEIGHT
    weights: dict[str, float] = dict.fromkeys(named, NAMED_WEIGHT)
    for like in taste.likes:
        if like.learn and like.video_id:
            weights.setdefault(like.video_id, liked_weight)
    for played in taste.played:
        weights.setdefault(played.video_id, PLAYED_WEIGHT * liked_weight)
    for like in taste.likes:
        if not like.learn and like.video_id not in named:
            weights.pop(like.video_id or "", None)
    return [Seed(video_id, weight) for video_id, weight in weights.items()]


def build_rejections(taste: Taste) -> list[Seed]:
    """What to keep away from, and how strongly: dismissals, and skips more mildly."""
    dismissed = _faded(taste.dismissed, DISMISSED_WEIGHT)
    return list(dismissed) + list(_faded(taste.skipped, SKIPPED_WEIGHT))


def list_excluded(named: Sequence[str], taste: Taste) -> frozenset[str]:
    """What must not be suggested: all that was named, liked or dismissed."""
    liked = (like.video_id for like in taste.likes if like.video_id)
    return frozenset((*named, *liked, *(d.video_id for d in taste.dismissed)))


def _faded(videos: Iterable[TimedVideo], weight: float) -> Iterable[Seed]:
    now = time.time()
    for video in videos:
        age_days = max(0.0, now - video.at) / 86_400
        yield Seed(video.video_id, weight * 0.5 ** (age_days / DISMISSAL_HALF_LIFE_DAYS))
