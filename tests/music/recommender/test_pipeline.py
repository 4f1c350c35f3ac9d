"""A whole request on a small world of metal and bossa nova listeners."""

import pytest

from music.recommender import (
    Interaction,
    Query,
    Seed,
    SongDocument,
    build_snapshot,
    load_snapshot,
    recommend,
    save_snapshot,
)

METAL = [f"metal{i:02}" for i in range(20)]
BOSSA = [f"bossa{i:02}" for i in range(20)]


def document(song_id: str, **facts) -> SongDocument:
    kind = song_id.rstrip("0123456789")
    given = {"artist": f"{kind} band {int(song_id[-2:]) // 2}", "genre": kind, "tags": (kind,)}
    return SongDocument(song_id, f"Song {song_id}", **given | facts)


@pytest.fixture(scope="module")
def snapshot():
    documents = [document(song_id) for song_id in METAL + BOSSA]
    interactions = [
        Interaction(f"{songs[0]}{listener}", song)
        for songs in (METAL, BOSSA)
        for listener in range(15)
        for song in songs[listener % 5 :: 2]
    ]
    return build_snapshot(documents, interactions)


def ids(recommendations) -> list[str]:
    return [recommendation.song_id for recommendation in recommendations]


def test_recommend_one_taste_gives_that_taste(snapshot):
    found = recommend(snapshot, Query([Seed("metal00"), Seed("metal02")], n=8))
    assert len(found) == 8
    assert {song_id[:5] for song_id in ids(found)} == {"metal"}


def test_recommend_two_tastes_gives_both(snapshot):
    seeds = [Seed("metal00"), Seed("metal02"), Seed("metal04"), Seed("bossa00")]
    kinds = [song_id[:5] for song_id in ids(recommend(snapshot, Query(seeds, n=10)))]
    assert 2 <= kinds.count("bossa") <= 5
    assert 5 <= kinds.count("metal") <= 8


def test_recommend_without_seeds_gives_popular_songs(snapshot):
    found = recommend(snapshot, Query([], n=10))
    assert [item.stage for item in found] == ["popular"] * 10


def test_recommend_unknown_seed_gives_popular_songs(snapshot):
    assert len(recommend(snapshot, Query([Seed("nobody knows this")], n=10))) == 10


def test_recommend_genre_is_strict_and_fills_with_popular_of_that_genre(snapshot):
    query = Query([Seed("metal00")], genres={"Bossa"}, n=10)
    assert {song_id[:5] for song_id in ids(recommend(snapshot, query))} == {"bossa"}


def test_recommend_never_liked_dismissed_or_excluded(snapshot):
    out = {"metal00", "metal02", "metal04"}
    query = Query([Seed("metal00")], dismissed=[Seed("metal02")], excluded=["metal04"], n=40)
    found = recommend(snapshot, query)
    assert out & set(ids(found)) == set()
    assert len(set(ids(found))) == len(found) == 37


def test_recommend_allowed_predicate_decides(snapshot):
    query = Query([Seed("metal00")], allowed=lambda song_ids: {"metal07", "bossa01"}, n=10)
    assert set(ids(recommend(snapshot, query))) == {"metal07", "bossa01"}


def test_recommend_new_song_is_suggested_and_is_a_seed(snapshot):
    new = document("metal90", artist="metal band 0")
    found = recommend(snapshot, Query([Seed("metal00")], new_songs=[new], n=20))
    assert "metal90" in ids(found)
    by_new = recommend(snapshot, Query([Seed("metal90")], new_songs=[new], n=5))
    assert {song_id[:5] for song_id in ids(by_new)} == {"metal"}
    assert {cause for item in by_new for cause, _ in item.because} == {"metal90"}


def test_recommend_saved_and_loaded_snapshot_answers_the_same(snapshot, tmp_path):
    save_snapshot(snapshot, tmp_path)
    query = Query([Seed("metal00"), Seed("bossa03")], n=12)
    assert recommend(load_snapshot(tmp_path), query) == recommend(snapshot, query)


def test_recommend_shares_of_all_causes_do_not_exceed_the_score(snapshot):
    for item in recommend(snapshot, Query([Seed("metal00"), Seed("metal01")], n=6)):
        assert sum(share for _, share in item.because) == pytest.approx(1.0, abs=0.1)
