"""Suggestions over the bundled catalogue, as a listener would see them."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from music.caching import stack
from music.catalogue import name_keeping, song_index
from music.catalogue.artists import list_similar
from music.domain import dismissals, impressions, likes, suggestions
from music.domain.listeners import LikedSong, load_taste
from music.errors import InvalidInput
from music.models import Impression, Song, UserLikedSong, VideoFeature
from tests.factories import LikeFactory, ListenerFactory, SongFactory

pytestmark = pytest.mark.django_db

ROCK = {"Rock", "Alternative Rock", "Indie Rock", "Grunge", "Punk", "Metal"}
THREE_SONGS = ["Come As You Are", "Yesterday", "Like a Rolling Stone"]


def suggest_for_songs(**asked):
    return suggestions.suggest_for_songs(**asked).shown


def suggest_videos(**asked):
    return suggestions.suggest_videos_for_songs(**asked).shown


def ids(answer):
    return [suggestion.song_id for suggestion in answer.suggestions]


def test_three_rock_songs_give_ten_rock_songs_with_their_causes(catalogue):
    answer = suggest_for_songs(songs=THREE_SONGS, genre="Rock")
    assert len(set(ids(answer))) == 10
    assert {s.genre for s in answer.suggestions} <= ROCK
    assert max(Counter(s.artist for s in answer.suggestions).values()) <= 2
    titles = {cause.title for s in answer.suggestions for cause in s.because}
    assert titles == set(THREE_SONGS)
    for suggestion in answer.suggestions:
        assert 0 < sum(cause.share for cause in suggestion.because) <= 1.001
    told = [(s.artist, cause) for s in answer.suggestions for cause in s.because]
    loved = {(cause.artist, artist) for artist, cause in told if cause.how == "loved"}
    assert loved
    assert all(artist in list_similar(of) for of, artist in loved)


def test_one_kpop_song_gives_mostly_kpop(catalogue):
    answer = suggest_for_songs(songs=["BTS Dynamite"])
    assert Counter(s.genre for s in answer.suggestions)["K-Pop"] >= 6


@pytest.mark.parametrize("suggest", [suggest_for_songs, suggest_videos])
@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("Miles Davis - So What", "genre", "Jazz"),
        ("João Gilberto - Desafinado", "genre", "Bossa Nova"),
        ("Zoé - Labios rotos", "language", "es"),
        ("坂本九 - 上を向いて歩こう", "language", "ja"),
    ],
)
def test_a_taste_of_which_hardly_a_song_plays_is_kept(catalogue, suggest, name, field, value):
    answer = suggest(songs=[name])
    facts = [getattr(catalogue[song_id], field) for song_id in ids(answer)]
    assert facts.count(value) >= 6


@pytest.mark.parametrize("suggest", [suggest_for_songs, suggest_videos])
def test_a_taste_of_which_nothing_plays_is_heard_beside_others_that_play(catalogue, suggest):
    songs = ["Metallica - One", "Iron Maiden - The Trooper", "Miles Davis - So What"]
    answer = suggest(songs=[*songs, "John Coltrane - Giant Steps", "Daddy Yankee - Gasolina"])
    genres = Counter(s.genre for s in answer.suggestions)
    assert genres["Metal"] >= 2
    assert genres["Jazz"] >= 2
    assert genres["Reggaeton"] >= 1


def test_one_obscure_song_still_gives_ten(catalogue):
    obscure = SongFactory(artist="Nobody", title="Unheard", tags=[], genre="")
    answer = suggest_for_songs(songs=["Nobody - Unheard"])
    assert len(ids(answer)) == 10
    assert obscure.address not in ids(answer)


def test_two_tastes_both_get_their_share(catalogue):
    songs = ["Metallica Master of Puppets", "Slayer Raining Blood", "João Gilberto Desafinado"]
    answer = suggest_for_songs(songs=songs)
    genres = Counter(s.genre for s in answer.suggestions)
    assert genres["Metal"] >= 3
    assert genres["Bossa Nova"] >= 2


def test_one_like_of_a_third_taste_is_heard_too(catalogue):
    songs = ["Metallica Enter Sandman", "Iron Maiden The Trooper", "Miles Davis So What"]
    songs += ["John Coltrane Giant Steps", "Daddy Yankee Gasolina"]
    answer = suggest_for_songs(songs=songs)
    genres = Counter(s.genre for s in answer.suggestions)
    assert min(genres["Metal"], genres["Jazz"]) >= 3
    assert genres["Reggaeton"] >= 1


def test_a_large_library_gets_a_list_in_the_proportions_of_its_tastes(catalogue):
    of_genre = {"Rock": 150, "Hip-Hop": 100, "Chanson": 15}
    listener = ListenerFactory()
    for genre, n in of_genre.items():
        songs = sorted((s for s in catalogue.values() if s.genre == genre), key=lambda s: s.address)
        for song in songs[:n]:
            LikeFactory(user=listener, song=song, song_name=str(song))
    answer = suggestions.suggest_for_listener(listener=listener)
    genres = Counter(s.genre for s in answer.suggestions)
    assert genres["Chanson"] <= 2
    assert genres["Hip-Hop"] >= 2


def test_unknown_song_is_named_and_the_rest_counts(catalogue):
    answer = suggest_for_songs(songs=["Zzyzx Qwrtp", "Come As You Are"])
    assert answer.unresolved == ("Zzyzx Qwrtp",)
    assert len(ids(answer)) == 10


def test_only_unknown_songs_give_popular_ones_and_say_so(catalogue):
    answer = suggest_for_songs(songs=["Zzyzx Qwrtp"])
    assert {s.stage for s in answer.suggestions} == {"popular"}
    assert answer.notices == ("Not found: “Zzyzx Qwrtp”. Until it is, here are well-known songs.",)


def test_every_genre_fills_a_list(catalogue):
    for genre in {song.genre for song in catalogue.values()}:
        answer = suggestions.suggest_popular(genre=genre)
        assert len(ids(answer)) == 10, genre


def test_unknown_genre_is_refused_by_name(catalogue):
    with pytest.raises(InvalidInput) as error:
        suggest_for_songs(songs=THREE_SONGS, genre="Polkacore 3000")
    assert error.value.field == "genre"


@pytest.mark.parametrize("limit", [0, 201])
def test_limit_out_of_bounds_is_refused(limit):
    with pytest.raises(InvalidInput) as error:
        suggestions.suggest_popular(limit=limit)
    assert error.value.field == "limit"


def test_liked_and_dismissed_songs_are_never_suggested(catalogue):
    listener = ListenerFactory()
    first = suggest_for_songs(songs=THREE_SONGS, listener=listener)
    dismissed, liked = ids(first)[:2]
    dismissals.dismiss_song(listener=listener, reference=dismissed)
    likes.like_song(listener=listener, song_name="", reference=liked)
    second = suggestions.suggest_for_listener(listener=listener, limit=50)
    assert len(ids(second)) == 50
    assert not {dismissed, liked, *ids(first)[:2]} & set(ids(second))
    assert not {"nirvana/come-as-you-are"} & set(ids(second))


def test_like_not_to_learn_from_changes_nothing_but_stays_out(catalogue):
    listener = ListenerFactory()
    liked = likes.like_songs(listener=listener, song_names=["Yesterday", "BTS Dynamite"])
    likes.set_learning(listener=listener, like_id=liked[1].pk, learn=False)
    answer = suggestions.suggest_for_listener(listener=listener)
    assert Counter(s.genre for s in answer.suggestions)["K-Pop"] == 0
    assert liked[1].song.address not in ids(answer)


def test_listeners_named_songs_become_likes_once(catalogue):
    listener = ListenerFactory()
    for _ in range(2):
        suggest_for_songs(songs=THREE_SONGS, listener=listener)
    names = UserLikedSong.objects.filter(user=listener).values_list("song_name", flat=True)
    assert sorted(names) == sorted(THREE_SONGS)


def test_anonymous_request_stores_nothing(catalogue):
    suggest_for_songs(songs=THREE_SONGS)
    assert not UserLikedSong.objects.exists()
    assert not Impression.objects.exists()


def test_what_was_suggested_is_recorded_once_with_its_position(catalogue):
    listener = LikeFactory(song=catalogue["nirvana/come-as-you-are"]).user
    answer = suggestions.suggest_for_listener(listener=listener)
    suggestions.suggest_for_listener(listener=listener)
    shown = Impression.objects.get().list_songs()
    assert [(song.song_pk, song.stage, song.position) for song in shown] == [
        (s.song_pk, s.stage, i) for i, s in enumerate(answer.suggestions, start=1)
    ]


def test_song_stored_after_the_index_was_built_counts_at_once(catalogue):
    new = SongFactory(
        artist="Unheard Newcomers", title="Seattle Rain", genre="Grunge",
        tags=["grunge", "alternative rock", "1990s", "angry", "melancholic"], year=1991,
    )  # fmt: skip
    answer = suggest_for_songs(
        songs=["Nirvana Come As You Are", "Soundgarden Black Hole Sun"], limit=50
    )
    assert new.address in ids(answer)
    seeded = suggestions.similar_songs(reference=new.address)
    assert Counter(s.genre for s in seeded)["Grunge"] >= 5


def test_song_that_went_away_is_not_suggested(catalogue):
    answer = suggest_for_songs(songs=THREE_SONGS)
    gone = ids(answer)[0]
    VideoFeature.objects.filter(song__address=gone).update(available=False)
    Song.objects.filter(address=gone).update(is_bundled=False)
    again = suggest_for_songs(songs=THREE_SONGS, adventurousness=0.500001)
    assert gone not in ids(again)
    assert len(ids(again)) == 10


@pytest.mark.parametrize(
    "regions",
    [{"blocked_regions": ["DE", "US"]}, {"allowed_regions": ["DE"]}, {"allowed_regions": []}],
)
def test_learnt_song_blocked_in_our_region_is_not_suggested(catalogue, settings, regions):
    settings.YOUTUBE_REGION = "US"
    first = ids(suggest_for_songs(songs=THREE_SONGS))
    blocked = Song.objects.filter(address__in=first[:3])
    VideoFeature.objects.filter(song__in=blocked).update(**regions)
    blocked.update(is_bundled=False)
    stack.forget_everything()
    second = ids(suggest_for_songs(songs=THREE_SONGS))
    assert len(second) == 10
    assert not set(first[:3]) & set(second)
    settings.YOUTUBE_REGION = "DE"
    stack.forget_everything()
    third = ids(suggest_for_songs(songs=THREE_SONGS))
    assert (third == first) == (regions == {"allowed_regions": ["DE"]})


def test_number_of_queries_does_not_grow_with_the_likes(catalogue):
    counts = []
    for n in (1, 3, 10):
        names = [str(song) for song in list(catalogue.values())[100 : 100 + n]]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            suggest_for_songs(songs=names)
        counts.append(len(queries))
    assert max(counts) <= 12


FIVE_SONGS = ["Wonderwall", "Blur Song 2", "Radiohead Creep", "Common People", "Beck Loser"]


def test_five_new_likes_of_a_listener_take_few_statements_in_one_unit(catalogue, monkeypatch):
    listener = LikeFactory(song=catalogue["nirvana/come-as-you-are"]).user
    suggestions.suggest_for_listener(listener=listener)
    # As an hour after the songs came: rows this new are read again with every name.
    monkeypatch.setattr(name_keeping, "OVERLAP", timedelta(0))
    song_index.songs.refresh()
    in_worker = threading.Event()
    in_worker.set()
    monkeypatch.setattr(impressions, "_is_written_beside", in_worker)
    monkeypatch.setattr(suggestions, "load_taste", lambda _listener: taste)
    taste = load_taste(listener)  # as every request after the first has it, from its tier
    with CaptureQueriesContext(connection) as captured:
        answer = suggest_for_songs(songs=FIVE_SONGS, listener=listener)
    made = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert len(made) <= 14, made
    assert sum("INSERT" in sql for sql in made) == 1
    assert (len(answer.suggestions), answer.unresolved) == (10, ())
    assert UserLikedSong.objects.filter(user=listener).count() == 6
    impressions.write_waiting()
    assert Impression.objects.filter(user=listener).count() == 2


def test_taste_after_new_likes_is_the_one_that_is_read_again(catalogue):
    listener = ListenerFactory()
    before = load_taste(listener)
    liked = catalogue["oasis/wonderwall"]
    dismissals.dismiss_song(listener=listener, reference=liked.address)
    likes.like_songs(listener=listener, song_names=["Nothing Of This Name At All"])
    before = load_taste(listener)
    made = likes.like_songs(listener=listener, song_names=["Wonderwall", "Blur Song 2"])
    after = before.with_likes(
        LikedSong(like.song_name, like.song.address, like.learn) for like in made
    )
    assert after.digest == load_taste(listener).digest != before.digest


def test_equal_requests_have_equal_answers(catalogue):
    one = suggest_for_songs(songs=THREE_SONGS)
    other = suggest_for_songs(songs=[name.upper() for name in THREE_SONGS[::-1]])
    assert ids(one) == ids(other)


def test_unknown_song_of_a_known_artist_gives_that_artist_and_others_like_it(catalogue):
    answer = suggest_for_songs(songs=["Daft Punk - Zzyzx Qwrtp"])
    assert answer.unresolved == ("Daft Punk - Zzyzx Qwrtp",)
    assert "other songs by Daft Punk count instead" in answer.notices[0]
    artists = Counter(s.artist for s in answer.suggestions)
    assert artists["Daft Punk"] in (2, 3)  # two, or three where they are due
    assert {s.stage for s in answer.suggestions}.isdisjoint({"popular"})


def test_slider_changes_most_of_a_list_for_guests_and_for_listeners(catalogue):
    def count_changed(**query) -> int:
        ends = (suggest_for_songs(adventurousness=a, **query) for a in (0.0, 1.0))
        return len(set.difference(*(set(ids(answer)) for answer in ends)))

    assert count_changed(songs=THREE_SONGS) >= 4
    first = suggestions.suggest_popular(adventurousness=0.5)
    last = suggestions.suggest_popular(adventurousness=1.0)
    assert set(ids(first)).isdisjoint(ids(last))


def test_dismissed_song_is_not_replaced_by_another_of_its_artist(catalogue):
    listener = ListenerFactory()
    first = suggest_for_songs(songs=THREE_SONGS, listener=listener)
    dismissed = first.suggestions[0]
    dismissals.dismiss_song(listener=listener, reference=dismissed.song_id)
    second = suggestions.suggest_for_listener(listener=listener)
    came = set(ids(second)) - set(ids(first))
    assert dismissed.artist not in {s.artist for s in second.suggestions if s.song_id in came}
