"""A whole request on a small world of metal and bossa nova listeners."""

import pytest

from music.recommender import Query, Seed, load_snapshot, recommend, save_snapshot
from music.recommender.pipeline import rank
from music.recommender.reranking import Reranking

from .worlds import BOSSA, METAL, kinds, make_document, make_snapshot


def ids(recommendations) -> list[str]:
    return [recommendation.song_id for recommendation in recommendations]


def test_recommend_one_taste_gives_that_taste(small_world):
    found = recommend(small_world, Query([Seed("metal00"), Seed("metal02")], n=8))
    assert kinds(found) == ["metal"] * 8


def test_recommend_two_tastes_gives_both(small_world):
    seeds = [Seed("metal00"), Seed("metal02"), Seed("metal04"), Seed("bossa00")]
    found = kinds(recommend(small_world, Query(seeds, n=10)))
    assert 2 <= found.count("bossa") <= 5
    by_score = kinds(recommend(small_world, Query(seeds, n=10, reranking=Reranking(balance=0.0))))
    assert by_score.count("bossa") < found.count("bossa")


@pytest.mark.parametrize("n_bossa", [1, 2, 4])
def test_recommend_more_likes_of_a_kind_never_lower_its_share(small_world, n_bossa):
    bossa = [Seed(song) for song in BOSSA[:n_bossa]]
    shares = [
        kinds(recommend(small_world, Query([*bossa, *map(Seed, METAL[:n])]))).count("metal")
        for n in range(8)
    ]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


def test_recommend_without_seeds_gives_popular_songs(small_world):
    found = recommend(small_world, Query([], n=10))
    assert [item.stage for item in found] == ["popular"] * 10


def test_recommend_unknown_seed_gives_popular_songs(small_world):
    found = recommend(small_world, Query([Seed("nobody knows this")], n=10))
    assert ids(found) == ids(recommend(small_world, Query([], n=10)))


def test_recommend_empty_world_gives_nothing():
    from music.recommender import build_snapshot

    assert recommend(build_snapshot([], []), Query([Seed("x")])) == []


def test_recommend_genre_is_strict_and_filled_up_with_its_popular_songs(small_world):
    query = Query([Seed("metal00")], genres={"Bossa"}, n=20)
    assert kinds(recommend(small_world, query)) == ["bossa"] * 20


def test_recommend_never_liked_dismissed_or_excluded(small_world):
    out = {"metal00", "metal02", "metal04"}
    query = Query([Seed("metal00")], dismissed=[Seed("metal02")], excluded=["metal04"], n=40)
    assert sorted(ids(recommend(small_world, query))) == sorted({*METAL, *BOSSA} - out)


def test_recommend_allowed_predicate_decides(small_world):
    query = Query([Seed("metal00")], allowed=lambda song_ids: {"metal07", "bossa01"}, n=10)
    assert ids(recommend(small_world, query)) == ["metal07", "bossa01"]


def test_recommend_dismissal_pushes_its_neighbours_down_mildly(small_world):
    plain = Query([Seed("metal00"), Seed("bossa00")], n=38)
    without = recommend(small_world, plain)
    dismissing = Query(plain.seeds, dismissed=[Seed("bossa02")], n=38)
    after = recommend(small_world, dismissing)
    before_scores = {item.song_id: item.score for item in without}
    lower = {s.song_id for s in after if s.score < before_scores[s.song_id]}
    assert {song for song in lower if song.startswith("metal")} < lower
    assert any(item.song_id.startswith("bossa") for item in after[:10])


def test_recommend_new_song_is_suggested(small_world):
    new = make_document("metal90", artist="metal band 0")
    found = recommend(small_world, Query([Seed("metal00")], new_songs=[new], n=20))
    assert "metal90" in ids(found)


def test_recommend_new_song_is_a_seed(small_world):
    new = make_document("metal90", artist="metal band 0")
    found = recommend(small_world, Query([Seed("metal90")], new_songs=[new], n=5))
    assert kinds(found) == ["metal"] * 5
    assert {cause.seed_id for item in found for cause in item.because} == {"metal90"}


def test_recommend_song_without_likes_is_found_by_its_text():
    world = make_snapshot(make_document("bossa90", artist="bossa band 0"))
    found = recommend(world, Query([Seed("bossa00")], n=10))
    assert {item.song_id: item.stage for item in found}["bossa90"] == "content"


def test_recommend_preferred_songs_come_before_others_and_silence_no_taste(small_world):
    """What has no video counts less, so that it stands behind its like and its taste is heard."""
    seeds = [Seed("metal00"), Seed("bossa00")]

    def only_even_metal(song_ids):
        return {i for i in song_ids if i.startswith("metal") and int(i[5:]) % 2 == 0}

    query = Query(seeds, n=10, preferred=only_even_metal)
    before, found = (
        ids(recommend(small_world, Query(seeds, n=10))),
        ids(recommend(small_world, query)),
    )
    assert len(only_even_metal(found)) > len(only_even_metal(before))
    assert sum(song_id.startswith("bossa") for song_id in found) >= 1


@pytest.mark.parametrize("seconds", [59, 901])
def test_recommend_too_short_or_too_long_never(seconds):
    world = make_snapshot(make_document("metal90", duration_seconds=seconds))
    assert "metal90" not in ids(recommend(world, Query([Seed("metal00")], n=42)))


def test_recommend_at_most_two_of_an_artist():
    more = [make_document(f"metal{n}", artist="metal band 3") for n in range(90, 96)]
    found = recommend(make_snapshot(*more), Query([Seed("metal06")], n=30))
    same_artist = {"metal07", *(song.song_id for song in more)}
    assert len(same_artist & set(ids(found))) == 2


def test_recommend_saved_and_loaded_snapshot_answers_the_same(small_world, tmp_path):
    save_snapshot(small_world, tmp_path)
    query = Query([Seed("metal00"), Seed("bossa03")], n=12)
    assert recommend(load_snapshot(tmp_path), query) == recommend(small_world, query)


def test_recommend_shares_are_the_scores_own(small_world):
    seeds = [Seed("metal00"), Seed("metal01")]
    both = {item.song_id: item for item in recommend(small_world, Query(seeds, n=38))}
    alone = {i.song_id: i for i in recommend(small_world, Query(seeds[:1], n=38))}
    for song_id in {"metal02", "metal06", "metal08"}:
        raw_both, raw_alone = _raw(both[song_id].score), _raw(alone[song_id].score)
        share = {cause.seed_id: cause.share for cause in both[song_id].because}["metal00"]
        assert share == pytest.approx(raw_alone / raw_both, abs=0.02)


def _raw(score: float) -> float:
    import math

    return -math.log(1.0 - score)


def test_rank_is_by_score_alone(small_world):
    query = Query([Seed("metal00"), Seed("bossa00")], n=10)
    unbalanced = Query(query.seeds, n=10, reranking=Reranking(None, balance=0.0))
    assert rank(small_world, query) == ids(recommend(small_world, unbalanced))


def test_recommend_who_likes_one_artist_above_all_gets_more_than_two_of_it():
    songs = [make_document(f"metal{n}", artist="metal band 90") for n in range(90, 106)]
    likes = [Seed(song.song_id) for song in songs[:10]]
    own = {song.song_id for song in songs}
    found = ids(recommend(make_snapshot(*songs), Query(likes, n=10)))
    assert len(own & set(found)) == 5
    few = ids(recommend(make_snapshot(*songs), Query(likes[:3], n=10)))
    assert len(own & set(few)) == 2


def test_recommend_equal_titles_by_nobody_are_different_songs():
    twins = [make_document(f"metal{n}", artist="", title="Song 17") for n in range(90, 94)]
    found = ids(recommend(make_snapshot(*twins), Query([Seed("metal90")], n=43)))
    assert {"metal91", "metal92", "metal93"} <= set(found)
