"""What each kind of feedback counts for, and for how long."""

import time

import pytest

from music.domain.listeners import LikedSong, Taste, TimedSong
from music.domain.seeds import (
    BACKGROUND_WEIGHT,
    DISMISSAL_HALF_LIFE_DAYS,
    DISMISSED_WEIGHT,
    PLAYED_WEIGHT,
    SKIPPED_WEIGHT,
    build_rejections,
    build_seeds,
    list_excluded,
)

LIKED, PLAYED = LikedSong("a", "liked", True), TimedSong("played", time.time())
KEPT = LikedSong("b", "kept", False)


def weights(seeds) -> dict[str, float]:
    return {seed.song_id: seed.weight for seed in seeds}


def test_likes_count_in_full_and_plays_in_part():
    taste = Taste(likes=(LIKED,), played=(PLAYED,))
    assert weights(build_seeds([], taste)) == {"liked": 1.0, "played": PLAYED_WEIGHT}


def test_songs_just_named_lead_and_stored_likes_stand_behind():
    seeds = weights(build_seeds(["named"], Taste(likes=(LIKED,))))
    assert seeds == {"named": 1.0, "liked": BACKGROUND_WEIGHT}


def test_like_not_to_learn_from_is_no_seed_but_stays_out():
    taste = Taste(likes=(KEPT,), played=(TimedSong("kept", time.time()),))
    assert build_seeds([], taste) == []
    assert list_excluded([], taste) == {"kept"}


@pytest.mark.parametrize(("half_lives", "left"), [(0, 1.0), (1, 0.5), (3, 0.125)])
def test_dismissal_wears_off_while_the_song_stays_out(half_lives, left):
    at = time.time() - half_lives * DISMISSAL_HALF_LIFE_DAYS * 86_400
    taste = Taste(dismissed=(TimedSong("gone", at),), skipped=(TimedSong("skipped", at),))
    rejections = weights(build_rejections(taste))
    assert rejections["gone"] == pytest.approx(left * DISMISSED_WEIGHT, rel=1e-4)
    assert rejections["skipped"] == pytest.approx(left * SKIPPED_WEIGHT, rel=1e-4)
    assert list_excluded([], taste) == {"gone"}
