"""What holds for every request, whatever is asked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from music.recommender import Query, Seed, build_snapshot, recommend
from tests.bench.recommender_world import make_documents, make_interactions

from .worlds import SONGS, make_snapshot

WORLD = make_snapshot()
seeds = st.lists(
    st.builds(Seed, st.sampled_from([*SONGS, "unknown"]), st.floats(0.1, 2.0)), max_size=60
)


@given(seeds, seeds, st.sets(st.sampled_from(SONGS)), st.integers(0, 50), st.floats(0.0, 1.0))
@settings(max_examples=150, deadline=None)
def test_recommend_any_request_keeps_the_rules(liked, dismissed, excluded, n, adventurousness):
    query = Query(liked, dismissed, excluded, n=n, adventurousness=adventurousness)
    found = recommend(WORLD, query)
    out = {seed.song_id for seed in [*liked, *dismissed]} | excluded
    suggested = [item.song_id for item in found]
    assert len(set(suggested)) == len(suggested) == min(n, len(set(SONGS) - out))
    assert set(suggested) & out == set()
    assert all(0.0 <= item.score <= 1.0 for item in found)
    assert all({cause.seed_id for cause in item.because} <= out for item in found)


@given(seeds, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_recommend_order_of_seeds_changes_nothing(liked, random):
    shuffled = list(liked)
    random.shuffle(shuffled)
    assert recommend(WORLD, Query(shuffled)) == recommend(WORLD, Query(liked))


def test_build_snapshot_order_of_input_changes_nothing():
    documents = make_documents(300)
    likes = list(make_interactions(documents, 2_000))
    again = build_snapshot(documents[::-1], likes[::-1])
    assert again.version == build_snapshot(documents, likes).version


@pytest.mark.parametrize("n_likes", [0, 1, 2, 10, 100, 1_000, 5_000])
def test_recommend_any_number_of_likes(large_world, n_likes):
    chosen = np.random.default_rng(n_likes).permutation(large_world.n_songs)[:n_likes]
    query = Query([Seed(song) for song in large_world.ids_of(chosen)])
    first = recommend(large_world, query)
    assert len(first) == 10
    assert first == recommend(large_world, query)


def test_recommend_adventurousness_goes_from_well_known_to_little_known(large_world):
    def mean_popularity(adventurousness: float) -> float:
        seeds = [Seed(song) for song in large_world.ids_of(np.arange(0, 300, 20))]
        found = recommend(large_world, Query(seeds, adventurousness=adventurousness, n=20))
        rows = large_world.rows_of([item.song_id for item in found])
        return float(large_world.facts.popularity[rows].mean())

    means = [mean_popularity(a) for a in (0.0, 0.5, 1.0)]
    assert means == sorted(means, reverse=True)
    assert means[0] > means[2]


@pytest.fixture(scope="module")
def large_world():
    documents = make_documents(6_000)
    return build_snapshot(documents, make_interactions(documents, 20_000))
