"""Songs by what they are, in the small world of metal and bossa nova."""

from music.recommender import Query, Seed
from music.recommender.facet_ranking import Wish, count_holders, find_fitting
from music.recommender.filtering import SongFilter
from music.recommender.reranking import Reranking

from .worlds import kinds, make_document, make_snapshot

METAL, BOSSA = Wish({"genre:metal": 1.0}), Wish({"genre:bossa": 1.0})
ANY_ARTIST = Reranking(per_artist=None)


def found(world, *wishes: Wish, **query) -> list:
    return find_fitting(world, Query(**{"seeds": (), "n": 10} | query), wishes)


def test_find_fitting_takes_what_most_wishes_hold_for_first():
    dated = [make_document("metal40", year=1991), make_document("bossa40", year=1992)]
    world = make_snapshot(*dated)
    answer = found(world, METAL, Wish(years=(1990, 1999)))
    assert answer[0].song_id == "metal40"
    assert answer[0].score > answer[1].score
    assert kinds(answer) == ["metal"] * 10 or "bossa40" in {item.song_id for item in answer}


def test_find_fitting_orders_equal_fits_by_how_well_known_they_are(small_world):
    answer = found(small_world, METAL, reranking=ANY_ARTIST)
    rows = small_world.rows_of([item.song_id for item in answer])
    known = small_world.facts.popularity[rows].tolist()
    assert known == sorted(known, reverse=True)


def test_find_fitting_with_seeds_orders_equal_fits_by_closeness(small_world):
    answer = found(small_world, METAL, seeds=[Seed("metal00")], reranking=ANY_ARTIST)
    others = found(small_world, METAL, seeds=[Seed("metal01")], reranking=ANY_ARTIST)
    assert {"metal00"} & {item.song_id for item in answer} == set()
    assert [item.song_id for item in answer] != [item.song_id for item in others]


def test_find_fitting_never_gives_what_was_denied(small_world):
    denied = Wish({"genre:metal": 1.0}, is_denied=True)
    assert kinds(found(small_world, denied, n=40)) == ["bossa"] * 20
    assert found(small_world, METAL, denied) == []


def test_find_fitting_keeps_the_filters_and_the_limit_of_artists(small_world):
    assert len(found(small_world, METAL, n=40, reranking=Reranking(per_artist=1))) == 10
    assert found(small_world, METAL, song_filter=SongFilter(1, 2), n=40) != []
    allowed = found(small_world, METAL, allowed=lambda song_ids: {"metal07"})
    assert [item.song_id for item in allowed] == ["metal07"]
    assert len(found(small_world, METAL, excluded=["metal00"], n=40, reranking=ANY_ARTIST)) == 19


def test_find_fitting_puts_songs_that_play_before_equals(small_world):
    last = found(small_world, METAL, n=20, reranking=ANY_ARTIST)[-1].song_id
    answer = found(small_world, METAL, n=20, reranking=ANY_ARTIST, preferred=lambda ids: {last})
    assert answer[-1].song_id != last


def test_find_fitting_of_unknown_terms_finds_nothing(small_world):
    assert found(small_world, Wish({"genre:polka": 1.0})) == []
    assert count_holders(small_world, "genre:polka") == 0
    assert count_holders(small_world, "genre:metal") == 20
