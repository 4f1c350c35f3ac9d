"""What belongs to a listener's likes."""

from dataclasses import replace

import numpy as np
import pytest

from music.recommender import Query, Seed, recommend
from music.recommender.facts import SongFacts, build_facts
from music.recommender.listener_fit import (
    DISMISSED_ARTIST,
    FAR_TIME,
    OTHER_FAMILY,
    OTHER_LANGUAGE,
    OTHER_SEASON,
    rate_artists,
    rate_belonging,
)
from music.recommender.reranking import Reranking

from .worlds import make_document, make_snapshot


def facts(*songs: tuple[str, int | None]) -> SongFacts:
    documents = [
        make_document(f"metal{i:02}", language=language, year=year)
        for i, (language, year) in enumerate(songs)
    ]
    return build_facts(documents, np.zeros(len(documents)))[0]


def test_rate_belonging_takes_from_other_languages_and_far_times():
    likes = facts(("en", 1990), ("en-US", 1995))
    candidates = facts(("en", 2015), ("en", 2016), ("fr", 1970), ("zxx", 1969), ("", None))
    left = [1.0, FAR_TIME, OTHER_LANGUAGE, FAR_TIME, 1.0]
    candidates = replace(candidates, artist=candidates.artist + 1)
    assert rate_belonging(candidates, likes).tolist() == pytest.approx(left)


def test_rate_belonging_takes_less_from_the_other_languages_of_a_liked_artist():
    both = facts(("en", None), ("ko", None), ("ko", None), ("fr", None))
    likes, candidates = both.take(np.arange(1)), both.take(np.arange(1, 4))
    left = [1.0, OTHER_LANGUAGE**0.5, OTHER_LANGUAGE]
    assert rate_belonging(candidates, likes).tolist() == pytest.approx(left)


def test_rate_belonging_is_the_same_for_likes_of_few_and_of_many_kinds():
    songs = [(f"l{i}", None) for i in range(40)]
    both = facts(("en", 1990), *songs, ("l7", None), ("fr", 1970), ("en", 2016))
    candidates = both.take(np.arange(1, len(songs) + 4))
    few, many = both.take(np.arange(9)), both.take(np.arange(41))
    among_few = rate_belonging(candidates, few).tolist()
    assert among_few[:8] == rate_belonging(candidates, many).tolist()[:8]
    assert among_few[-3:] == rate_belonging(candidates, many).tolist()[-3:]


def test_rate_belonging_takes_from_other_families_of_genres():
    genres = ("Grunge", "Metal", "Jazz", "Jazz", "Salsa", "")
    songs = [make_document(f"metal{i}", genre=genre) for i, genre in enumerate(genres, start=1)]
    both = build_facts([make_document("metal0", genre="Rock"), *songs], np.zeros(7))[0]
    artist = np.array([1, 2, 2, 1, 3, 3, 3], np.int32)  # whose artist plays Jazz as well
    both = replace(both, artist=artist)
    likes, candidates = both.take(np.arange(1)), both.take(np.arange(1, 7))
    left = [1.0, 1.0, 1.0, 1.0, OTHER_FAMILY, 1.0]
    assert rate_belonging(candidates, likes).tolist() == pytest.approx(left)


def test_rate_belonging_opens_families_as_far_as_the_songs_of_a_liked_artist_are_of_them():
    genres = ("Pop", "Pop", "Pop", "Jazz", "Jazz", "Salsa")
    songs = [make_document(f"metal{i}", genre=genre) for i, genre in enumerate(genres)]
    both = build_facts(songs, np.zeros(6))[0]
    both = replace(both, artist=np.array([1, 1, 1, 1, 2, 3], np.int32))
    likes, candidates = both.take(np.arange(1)), both.take(np.arange(1, 6))
    # One of three further songs of the artist is jazz: two thirds of a half.
    left = [1.0, 1.0, OTHER_FAMILY ** (1 / 3), OTHER_FAMILY ** (1 / 3), OTHER_FAMILY]
    assert rate_belonging(candidates, likes).tolist() == pytest.approx(left)


def test_rate_belonging_keeps_christmas_songs_among_themselves():
    tagged = make_document("metal1", tags=("metal", "Christmas"))
    songs = [make_document("metal0"), tagged, make_document("metal2", occasions=("christmas",))]
    both = build_facts(songs, np.zeros(3))[0]
    plain, christmas = both.take(np.arange(1)), both.take(np.arange(1, 3))
    assert rate_belonging(both, plain).tolist() == [1.0, OTHER_SEASON, OTHER_SEASON]
    assert rate_belonging(both, christmas).tolist() == [OTHER_SEASON, 1.0, 1.0]
    assert rate_belonging(both, both).tolist() == [1.0, 1.0, 1.0]


def test_rate_belonging_knows_nothing_of_bare_likes():
    assert rate_belonging(facts(("fr", 1970)), facts(("", None))).tolist() == [1.0]
    assert rate_belonging(facts(("fr", 1970)), facts()).tolist() == [1.0]


def test_rate_artists_takes_from_the_other_songs_of_a_dismissed_artist():
    candidates = facts(*[("", None)] * 6)  # two songs a band
    dismissals = {int(candidates.artist[0]): 1.0, int(candidates.artist[2]): 2.0}
    left = rate_artists(candidates, facts(), dismissals)
    once, twice = DISMISSED_ARTIST, DISMISSED_ARTIST**2
    assert left.tolist() == pytest.approx([once, once, twice, twice, 1.0, 1.0])
    assert rate_artists(candidates, candidates.take(np.arange(1)), dismissals)[0] > once
    assert rate_artists(candidates, facts(), {}) == 1.0


def test_recommend_puts_a_foreign_language_behind_equal_songs():
    songs = [make_document(f"metal{n}", language="fr" if n % 2 else "en") for n in range(40, 60)]
    liked = make_document("metal90", language="en")
    query = Query([Seed("metal90")], n=10, reranking=Reranking(per_artist=None))
    found = [item.song_id for item in recommend(make_snapshot(*songs, liked), query)]
    foreign = {song.song_id for song in songs if song.language == "fr"}
    assert foreign & set(found[:5]) == set()


def test_recommend_dismissal_is_not_followed_by_the_same_artist(small_world):
    query = Query([Seed("metal00")], n=10)
    before = [item.song_id for item in recommend(small_world, query)]
    number = next(i for i, song in enumerate(before) if song != "metal01") if before else 0
    dismissed = before[number]
    other = f"metal{int(dismissed[-2:]) ^ 1:02}"
    after = recommend(small_world, Query([Seed("metal00")], dismissed=[Seed(dismissed)], n=10))
    ranks = [item.song_id for item in after]
    assert other not in ranks[: before.index(other) if other in before else len(ranks)]
