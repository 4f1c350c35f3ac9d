"""Free text over the bundled catalogue: how it is read, and what it finds."""

import pytest

from music.domain import suggestions
from music.domain.free_text import read_free_text
from music.models import Song
from music.names.keys import song_address, song_key
from tests.music.catalogue.test_bundled_data import read_rows
from tests.music.catalogue.test_word_requests import FILE, facets_of, select

pytestmark = pytest.mark.django_db

N_RIGHT = 51
"""Of 60 requests: 85 %."""


def labels(text: str, *without: str) -> list[str]:
    return [facet.label for facet in suggestions.discover(query=text, without=without).read_as]


def test_nearly_all_of_sixty_requests_get_five_songs_that_hold_all_of_their_facets(catalogue):
    songs = read_rows("catalogue/data/songs.csv")
    by_address = {song_address(*song_key(song["artist"], song["title"])): song for song in songs}
    wrong = []
    for row in read_rows(FILE):
        right = list(songs)
        for facet in facets_of(row):
            right = select(right, facet, songs)
        found = suggestions.discover(query=row["request"], limit=5).suggestions
        first = [by_address[song.song_id] for song in found][: min(5, len(right))]
        if not first or any(song not in right for song in first):
            wrong.append(row["request"])
    assert len(wrong) <= 60 - N_RIGHT, wrong


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("sad 90s rock, but not grunge", ["sad", "1990s", "Rock", "not Grunge"]),
        ("no rap or metal, happy", ["not Hip-Hop", "not Metal", "happy"]),
        ("NIN songs", ["Nine Inch Nails"]),
        ("Roy Orbison’s best", ["Roy Orbison"]),
        ("simon and garfunkle", ["Simon & Garfunkel"]),
        ("david bowie and prince", ["David Bowie", "Prince"]),
        ("metallica but slower", ["Metallica", "slow"]),
        ("something like Radiohead, without vocals", ["like Radiohead", "instrumental"]),
        ("new music", ["new"]),
        ("Come As You Are", ["Nirvana – Come As You Are"]),
        ("happy pharrell williams", ["Pharrell Williams – Happy"]),
        ("traurige deutsche Lieder der 80er", ["sad", "German", "1980s"]),
        ("tamil film music", ["Tamil", "film music"]),
        ("something like Radiohead but happier", ["like Radiohead", "happy"]),
        ("calmer music for reading", ["chill", "focus"]),
        ("musique triste pour pleurer", ["sad"]),
        ("chanson d'amour française des années 80", ["romantic", "French", "1980s"]),
        ("laute Rockmusik aus den 90ern", ["fast", "Rock", "1990s"]),
        ("canciones alegres para bailar", ["happy", "danceable"]),
        ("musica italiana allegra anni ottanta", ["Italian", "happy", "1980s"]),
        ("músicas animadas para festa", ["upbeat", "party"]),
        ("весёлая музыка для вечеринки", ["happy", "party"]),
        ("русский рок 90-х", ["Russian", "Rock", "1990s"]),
        ("悲しい歌", ["sad"]),
        ("80年代の切ない曲", ["1980s", "sad"]),
        ("雨の日に聴きたいジャズ", ["rainy day", "Jazz"]),
        ("슬픈 노래", ["sad"]),
        ("悲伤的歌", ["sad"]),
    ],
)
def test_text_is_read_as_facets(catalogue, text, read):
    assert labels(text) == read


def test_each_facet_can_be_left_out(catalogue):
    text = "sad 90s rock, but not grunge"
    ids = [facet.facet_id for facet in suggestions.discover(query=text).read_as]
    assert ids == ["mood:sad", "time:1990s", "genre:rock", "not genre:grunge"]
    for left_out in ids:
        read = suggestions.discover(query=text, without=[left_out]).read_as
        assert [facet.facet_id for facet in read] == [i for i in ids if i != left_out]
    songs = suggestions.discover(query="80s metal", without=["time:1980s"]).suggestions
    assert {song.year // 10 for song in songs} != {198}


def test_text_without_any_known_word_says_so_and_gives_well_known_songs(catalogue):
    found = suggestions.discover(query="zzqq xxyy")
    assert (found.read_as, len(found.suggestions)) == ((), 10)
    assert found.notices[0].startswith("“zzqq xxyy” names no song, artist, genre, mood")


def test_words_that_are_not_understood_are_named(catalogue):
    assert suggestions.discover(query="sad banjjo rock").notices == ("Not understood: “banjjo”.",)


def test_equal_fits_are_ordered_by_how_well_known_songs_are(catalogue):
    found = suggestions.discover(query="sad 90s rock", limit=10).suggestions
    known = [catalogue[song.song_id].popularity for song in found]
    assert min(known) >= 85


@pytest.mark.parametrize(
    ("text", "describes"),
    [
        ("sad songs for a rainy evening", True),
        ("upbeat 80s pop", True),
        ("nirvana", False),
        ("Come As You Are", False),
        ("Dancing Queen", False),
        ("zzqq xxyy", False),
    ],
)
def test_words_that_describe_songs_are_told_from_names(catalogue, text, describes):
    assert suggestions.describes_songs(text) is describes


def test_words_without_a_meaning_are_told_from_moods_without_looking_for_names(
    catalogue, django_assert_num_queries
):
    with django_assert_num_queries(0):
        assert not suggestions.describes_songs("Paul Simon - zzqq xxyy")


def test_song_that_is_named_comes_first_and_others_like_it_follow(catalogue):
    found = suggestions.discover(query="come as you are").suggestions
    assert found[0].song_id == "nirvana/come-as-you-are"
    assert len(found) == 10


def test_artist_with_few_songs_is_followed_by_songs_like_theirs(catalogue):
    found = suggestions.discover(query="Nine Inch Nails").suggestions
    n_own = Song.objects.filter(artist="Nine Inch Nails").count()
    assert [song.artist for song in found[:n_own]] == ["Nine Inch Nails"] * n_own
    assert len(found) == 10 > n_own


@pytest.mark.parametrize(
    "text", ["like", "not", "no " * 90, "like like like", "but - - ,", "ы" * 200]
)
def test_any_text_is_read(catalogue, text):
    read_free_text(text)


def test_free_text_finds_an_artist_and_what_is_like_it(catalogue):
    found = suggestions.discover(query="nirvana").suggestions
    assert [s.artist for s in found[:3]] == ["Nirvana"] * 3
    assert len(found) == 10


def test_free_text_finds_a_mood_and_a_genre(catalogue):
    found = suggestions.discover(query="sad country").suggestions
    assert {s.genre for s in found} == {"Country"}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("sad 90s rock", lambda song: 1990 <= song.year < 2000),
        ("french rap", lambda song: song.language == "fr" and "hip-hop" in str(song.tags)),
        ("italian 60s", lambda song: song.language == "it" and 1960 <= song.year < 1970),
    ],
)
def test_free_text_that_names_a_decade_or_a_language_gets_songs_of_it(catalogue, text, fits):
    found = suggestions.discover(query=text, limit=5).suggestions
    songs = Song.objects.filter(address__in=[s.song_id for s in found])
    assert [fits(song) for song in songs] == [True] * 5


def test_free_text_that_few_songs_fit_is_filled_up_with_others(catalogue):
    found = suggestions.discover(query="russian rock 80s", limit=20).suggestions
    assert [s.genre for s in found[:3]] == ["Rock"] * 3
    assert len({s.song_id for s in found}) == 20
