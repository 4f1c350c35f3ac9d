"""Why a song is suggested: true to the score, and nobody's secret."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from music.names.normalization import normalize_key
from music.recommender import Interaction, Query, Seed, build_snapshot, recommend
from music.recommender.explanations import LOOKED_AT, MIN_WITNESSES, SECOND_SHARE, causes
from music.recommender.facts import build_facts, name_code
from music.recommender.ranking import Ranker
from music.recommender.reranking import Reranking

from .worlds import BOSSA, METAL, SONGS, make_document, make_interactions, make_snapshot

N_SEEDS, N_SONGS = 9, 4


def make_facts():
    """The facts of some metal songs, and of bossa nova seeds that share nothing with them."""
    documents = [make_document(song) for song in (*METAL[:N_SONGS], *BOSSA[:N_SEEDS])]
    facts, _ = build_facts(documents, np.zeros(len(documents)))
    return facts.take(np.arange(N_SONGS)), facts.take(np.arange(N_SONGS, len(documents)))


@given(
    arrays(np.int8, (N_SONGS, N_SEEDS), elements=st.integers(-99, 99)),
    arrays(np.int8, (N_SONGS, N_SEEDS), elements=st.integers(0, 9)),
)
@settings(max_examples=100, deadline=None)
def test_causes_are_true_to_the_score(hundredths, together):
    contributions = hundredths.astype(np.float32) / 100
    songs, seeds = make_facts()
    ids = [str(seed) for seed in range(N_SEEDS)]
    found = causes(contributions, ids, songs, seeds, lambda i, j: int(together[i, j]))
    for song, named in enumerate(found):
        lifting = np.maximum(contributions[song], 0.0)
        for position, cause in enumerate(named):
            seed = int(cause.seed_id)
            assert cause.share == pytest.approx(lifting[seed] / lifting.sum(), rel=1e-4)
            assert position == 0 or cause.share >= SECOND_SHARE
            # Where likes alone join two songs, enough listeners stand behind it, or none.
            assert (together[song, seed] >= MIN_WITNESSES) == (cause.how == "together")
        assert bool(named) == bool(lifting.any())
        is_told = (together[song] == 0) | (together[song] >= MIN_WITNESSES)
        first_six = np.argsort(-lifting, kind="stable")[:LOOKED_AT]
        tellable = lifting[first_six[is_told[first_six]]]
        best = tellable.max(initial=0.0) or lifting.max()
        assert not named or lifting[int(named[0].seed_id)] == best


@pytest.fixture(scope="module")
def two_kinds():
    """Six hundred songs of two kinds, which nobody likes yet."""
    songs = [f"{kind}{i:03}" for i in range(300) for kind in ("metal", "bossa")]
    return build_snapshot([make_document(song) for song in songs], [])


@pytest.mark.parametrize("n_likes", [1, 10, 500])
def test_every_suggestion_has_a_reason_whatever_the_number_of_likes(two_kinds, n_likes):
    liked = two_kinds.ids_of(np.random.default_rng(0).permutation(600)[:n_likes])
    found = recommend(two_kinds, Query([Seed(song) for song in liked], n=10))
    assert [bool(item.because) for item in found] == [True] * 10


def test_strongest_cause_gave_most_of_the_score(small_world):
    query = Query([Seed("metal00"), Seed("metal03"), Seed("bossa00")], n=10)
    ranker = Ranker(small_world, query)
    pool = ranker.best(60)
    strongest = {
        song_id: ranker.seed_ids[best]
        for song_id, best in zip(pool.song_ids, pool.shares.argmax(axis=1), strict=True)
    }
    found = recommend(small_world, query)
    first = {item.song_id: item.because[0].seed_id for item in found if item.because}
    assert len(first) >= 5
    assert first == {song_id: strongest[song_id] for song_id in first}


@pytest.mark.parametrize(
    ("n_both", "hows"), [(0, {"near"}), (1, {"near"}), (4, {"near"}), (5, {"together"})]
)
def test_that_a_few_listeners_like_both_is_never_told(n_both, hows):
    pair = ("metal00", "bossa00")
    likes = [i for i in make_interactions() if i.song_id not in pair]
    both = [Interaction(f"both {n}", song) for n in range(n_both) for song in pair]
    alone = [Interaction(f"alone {n}", song) for n, song in enumerate(pair * 3)]
    bare = [make_document(song, tags=(), genre="", artist=song) for song in pair]
    others = [make_document(song) for song in SONGS if song not in pair]
    snapshot = build_snapshot([*bare, *others], [*likes, *both, *alone])
    query = Query(
        [Seed("metal00")],
        allowed=lambda song_ids: {"bossa00"},
        reranking=Reranking(per_artist=None),
        n=1,
    )
    [item] = recommend(snapshot, query)
    assert {cause.how for cause in item.because} == hows


def test_whom_listeners_also_love_is_told_only_of_such_artists(small_world):
    query = Query([Seed("metal00"), Seed("bossa00")], n=19, reranking=Reranking(per_artist=None))
    artist_of = {song: make_document(song).artist for song in SONGS}
    code_of = {song: name_code(normalize_key(artist_of[song])) for song in SONGS}
    loved = {code_of["metal00"]: {code_of["metal10"], code_of["metal00"]}}
    found = recommend(small_world, replace(query, loved=loved))
    told = [(item.song_id, cause) for item in found for cause in item.because]
    for song, cause in told:
        is_near = code_of[song] in loved.get(code_of[cause.seed_id], ())
        is_same = code_of[song] == code_of[cause.seed_id]
        assert (cause.how == "loved") == (is_near and not is_same), (song, cause)
    assert "loved" in {cause.how for _, cause in told}
    untold = recommend(small_world, query)
    assert [item.song_id for item in untold] == [item.song_id for item in found]


def test_how_says_what_two_songs_share(small_world):
    dated = {song: make_document(song, year=1991) for song in (*METAL[:6], *BOSSA[:2])}
    world = make_snapshot(*dated.values())
    found = recommend(world, Query([Seed("metal00")], n=19, reranking=Reranking(per_artist=None)))
    hows = {item.song_id: item.because[0].how for item in found if item.because}
    assert hows["metal01"] == "artist"
    assert hows["metal04"] == "scene"
    assert hows["metal10"] in ("together", "genre")
