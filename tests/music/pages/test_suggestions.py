"""For you, and the opinions given there."""

import pytest
from django.urls import reverse

from accounts.models import User
from music.domain import index, training
from music.domain.guests import adopt_guest
from music.domain.suggestions import suggest_for_listener
from music.models import Dismissal, Playback, Song
from tests.factories import DismissalFactory, LikeFactory, SongFactory, VideoFactory

from .conftest import states_of, titles_of


def test_somebody_unknown_sees_popular_songs_and_leaves_no_trace(guest, songs):
    response = guest.get(reverse("for_you"))
    assert len(titles_of(response)) == 10
    assert User.objects.count() == 0


def test_suggestions_leave_out_what_is_liked_and_name_it_as_the_cause(browser, listener, songs):
    LikeFactory(user=listener, song=songs[0])
    response = browser.get(reverse("for_you"))
    assert songs[0].title not in titles_of(response)
    causes = {cause.song_id for card in response.context["cards"] for cause in card.because}
    assert causes == {songs[0].address}
    assert "Because you like" in response.text


def test_suggestions_of_one_genre(browser, listener, songs):
    type(songs[0]).objects.filter(pk__in=[s.pk for s in songs[:3]]).update(genre="Jazz")
    response = browser.get(reverse("for_you"), {"genre": "Jazz"})
    assert {card.song.genre for card in response.context["cards"]} == {"Jazz"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("genre", "No such genre"),
        ("genre", "\x00"),
        ("adventure", "101"),
        ("adventure", "-1"),
        ("adventure", "much"),
        ("adventure", "9" * 400),
        ("limit", "7"),
        ("limit", "1000000"),
    ],
)
def test_an_impossible_filter_is_refused_naming_the_field(guest, songs, field, value):
    response = guest.get(reverse("for_you"), {field: value})
    assert response.status_code == 400
    assert list(response.context["form"].errors) == [field]


def test_more_suggestions_are_offered_until_there_are_two_hundred(guest, songs):
    assert guest.get(reverse("for_you")).context["more"] == 20
    assert guest.get(reverse("for_you"), {"limit": "200"}).context["more"] is None


def test_nothing_stored_is_said_plainly(guest):
    response = guest.get(reverse("for_you"))
    assert response.status_code == 503
    assert "There are no songs here yet." in response.text


def test_not_for_me_keeps_a_song_away_and_undo_brings_it_back(guest, songs):
    data = {"song": songs[0].address, "next": "/for-you/?genre=Rock"}
    response = guest.post(reverse("dismiss"), data)
    assert (response.status_code, response.url) == (302, "/for-you/?genre=Rock")
    assert [d.song for d in Dismissal.objects.all()] == [songs[0]]
    assert songs[0].title not in titles_of(guest.get("/for-you/?limit=50"))
    guest.post(reverse("undo_dismiss"), data)
    assert songs[0].title in titles_of(guest.get("/for-you/?limit=50"))


def test_a_script_gets_the_buttons_in_their_new_state(guest, songs):
    data = {"song": songs[0].address}
    dismissed = guest.script(reverse("dismiss"), data)
    assert states_of(dismissed) == ["dismissed"]
    assert "<html" not in dismissed.text
    assert states_of(guest.script(reverse("undo_dismiss"), data)) == ["new"]


def test_undo_of_nothing_changes_nothing(guest, songs):
    response = guest.script(reverse("undo_dismiss"), {"song": songs[0].address})
    assert states_of(response) == ["new"]
    assert User.objects.count() == 0


@pytest.mark.parametrize("name", ["dismiss", "undo_dismiss", "like", "unlike", "playback"])
@pytest.mark.parametrize("video_id", ["", "a\x00b", "x" * 256])
def test_a_bad_video_id_is_refused_naming_the_field(guest, songs, name, video_id):
    response = guest.post(reverse(name), {"song": video_id, "kind": "play"})
    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["song"]
    assert User.objects.count() == 0


@pytest.mark.parametrize("name", ["dismiss", "undo_dismiss", "like", "unlike"])
def test_an_unknown_song_is_not_found_and_makes_no_guest(guest, songs, name):
    assert guest.post(reverse(name), {"song": "nosuchvideo"}).status_code == 404
    assert User.objects.count() == 0


def test_plays_are_kept_of_a_listener_and_of_nobody_else(guest, browser, songs):
    data = {"song": songs[0].address, "kind": "play"}
    for client in (guest, browser):
        assert client.post(reverse("playback"), data).status_code == 204
    assert [(p.song, p.kind) for p in Playback.objects.all()] == [(songs[0], "play")]


def test_a_play_of_an_unknown_kind_is_refused(browser, songs):
    response = browser.post(reverse("playback"), {"song": songs[0].address, "kind": "hum"})
    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["kind"]


@pytest.mark.parametrize("name", ["dismiss", "undo_dismiss", "like", "unlike", "playback"])
def test_opinions_are_posted(guest, name):
    assert guest.get(reverse(name)).status_code == 405


def test_page_says_that_suggestions_come_from_few_songs_until_there_is_an_index(guest, songs):
    assert "for the first time" in guest.get(reverse("for_you")).text
    training.build_index()
    index.forget()
    assert "for the first time" not in guest.get(reverse("for_you")).text


@pytest.mark.parametrize("n_likes", [1, 3])
def test_suggestions_cost_the_same_queries_after_one_like_and_after_three(
    browser, listener, songs, n_likes, django_assert_num_queries
):
    for song in songs[:n_likes]:
        LikeFactory(user=listener, song=song)
    browser.get(reverse("for_you"))
    with django_assert_num_queries(11):
        response = browser.get(reverse("for_you"))
    assert len(response.context["cards"]) > 0


@pytest.mark.parametrize("n_songs", [1, 3])
def test_dismissals_cost_the_same_queries_for_one_song_and_for_three(
    browser, listener, n_songs, django_assert_num_queries
):
    DismissalFactory.create_batch(n_songs, user=listener)
    with django_assert_num_queries(8):
        response = browser.get(reverse("dismissals"))
    assert states_of(response) == ["dismissed"] * n_songs


# --- The list renews itself -----------------------------------------------------------------------


def shown_of(response) -> list[str]:
    return [card.song.song_id for card in response.context["cards"]]


def test_more_songs_go_on_without_repeating_any(guest, db):
    SongFactory.create_batch(25)
    shown = shown_of(guest.get(reverse("for_you")))
    for _ in range(2):
        response = guest.script(reverse("more_songs"), {"shown": shown})
        assert set(shown_of(response)) & set(shown) == set()
        shown += shown_of(response)
    assert len(set(shown)) == 25
    assert "That is the end of the list." in response.text


def test_more_songs_end_at_two_hundred(guest, songs):
    shown = [f"artist/song-{n}" for n in range(195)]
    assert len(shown_of(guest.script(reverse("more_songs"), {"shown": shown}))) == 5
    assert shown_of(guest.script(reverse("more_songs"), {"shown": [*shown, *shown[:5]]})) == []


def test_the_next_song_is_another_one_and_says_what_it_replaced(browser, listener, songs):
    shown = shown_of(browser.get(reverse("for_you")))
    liked = next(song for song in songs if song.address == shown[0])
    assert (
        "next/" in browser.script(reverse("like"), {"song": liked.address, "place": "for_you"}).text
    )
    response = browser.script(reverse("next_song"), {"song": liked.address, "shown": shown})
    [card] = response.context["cards"]
    assert card.song.song_id not in shown
    assert "You like" in response.text
    everything = [song.address for song in songs]
    response = browser.script(reverse("next_song"), {"song": liked.address, "shown": everything})
    assert "No other song fits this list." in response.text


@pytest.mark.parametrize("name", ["more_songs", "next_song"])
def test_parts_of_the_list_are_for_scripts_and_refuse_bad_filters(guest, songs, name):
    data = {"song": songs[0].address}
    assert guest.post(reverse(name), data).url == reverse("for_you")
    assert guest.script(reverse(name), {**data, "decade": "1995"}).status_code == 400
    assert guest.get(reverse(name)).status_code == 405


@pytest.mark.parametrize(
    ("filters", "fact"),
    [
        ({"decade": "1990"}, {"year": 1994}),
        ({"mood": "melancholic"}, {"tags": ["rock", "melancholic"]}),
        ({"language": "fr"}, {"language": "fr-CA"}),
    ],
)
def test_suggestions_are_filtered_by_facts(guest, songs, filters, fact):
    Song.objects.filter(pk=songs[3].pk).update(**fact)
    assert shown_of(guest.get(reverse("for_you"), filters)) == [songs[3].address]


def test_only_what_plays_is_shown_where_that_is_wanted(guest, songs):
    VideoFactory(song=songs[5])
    assert shown_of(guest.get(reverse("for_you"), {"plays": "on"})) == [songs[5].address]


def test_more_like_one_song_leaves_that_song_out_and_says_so(guest, songs):
    response = guest.get(reverse("for_you"), {"like": songs[0].address})
    assert songs[0].address not in shown_of(response)
    assert "More like" in response.text
    assert guest.get(reverse("for_you"), {"like": "no/such-song"}).status_code == 404


# --- Steering -------------------------------------------------------------------------------------


def test_a_hidden_artist_is_suggested_no_more_until_that_is_taken_back(browser, listener, songs):
    LikeFactory(user=listener, song=songs[1])
    hidden = songs[0]
    response = browser.script(reverse("steer"), {"kind": "artist", "song": hidden.address})
    assert (response.status_code, response.headers["HX-Trigger"]) == (204, '{"renew": {}}')
    artists = {card.song.artist for card in browser.get("/for-you/?limit=50").context["cards"]}
    assert hidden.artist not in artists
    assert len(artists) == 5
    page = browser.get(reverse("dismissals"))
    [row] = page.context["steerings"]
    assert hidden.artist in page.text
    browser.post(reverse("undo_steering"), {"kind": row.kind, "key": row.key})
    artists = {card.song.artist for card in browser.get("/for-you/?limit=50").context["cards"]}
    assert hidden.artist in artists


def test_less_like_a_reason_lowers_its_share(browser, listener, songs):
    for song in songs[:2]:
        LikeFactory(user=listener, song=song)

    def share() -> float:
        found = suggest_for_listener(listener=listener, limit=10).suggestions
        return sum(c.share for s in found for c in s.because if c.song_id == songs[0].address)

    before = share()
    browser.post(reverse("steer"), {"kind": "less", "song": songs[0].address})
    assert share() < before / 2


@pytest.mark.parametrize(
    ("data", "status"),
    [({"kind": "artist", "song": "no/song"}, 404), ({"kind": "more", "song": "x"}, 400)],
)
def test_steering_by_nothing_is_refused_and_makes_no_guest(guest, songs, data, status):
    assert guest.post(reverse("steer"), data).status_code == status
    assert User.objects.count() == 0


def test_steering_comes_along_into_the_account(guest, songs, listener):
    guest.post(reverse("steer"), {"kind": "artist", "song": songs[0].address})
    adopt_guest(guest=User.objects.get(is_guest=True), account=listener)
    assert [row.name for row in listener.steerings.all()] == [songs[0].artist]
