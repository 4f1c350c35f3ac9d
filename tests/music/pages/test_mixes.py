"""Mixes and history."""

import pytest
from django.urls import reverse

from accounts.models import User
from music.domain.guests import adopt_guest
from music.domain.listeners import load_taste
from music.models import Impression, Mix, Playback
from tests.factories import LikeFactory, ListenerFactory


@pytest.fixture
def mix(listener, songs) -> Mix:
    return Mix.objects.create(
        user=listener, name="Morning", song_ids=[song.address for song in songs[:3]]
    )


def order_of(mix: Mix) -> list[str]:
    mix.refresh_from_db()
    return mix.song_ids


def test_a_list_is_saved_under_a_name_and_opened(guest, songs):
    data = {"name": " Evening ", "song": [songs[1].address, songs[0].address, "no/song"]}
    page = guest.post(reverse("save_mix"), data, follow=True)
    assert '<h1 dir="auto">Evening</h1>' in page.text
    assert order_of(Mix.objects.get()) == [songs[1].address, songs[0].address]
    assert "Evening" in guest.get(reverse("mixes")).text


def test_what_a_script_shows_is_saved_instead(guest, songs):
    shown = [song.address for song in songs]
    guest.post(reverse("save_mix"), {"name": "All", "song": [shown[0]], "shown": shown})
    assert order_of(Mix.objects.get()) == shown


@pytest.mark.parametrize(
    "data", [{"name": ""}, {"name": "!"}, {"name": "x" * 101}, {"name": "A", "song": "no/song"}]
)
def test_a_mix_without_a_name_or_songs_is_refused(guest, songs, data):
    refused = guest.post(reverse("save_mix"), {"song": songs[0].address, **data})
    assert refused.status_code == (404 if "song" in data else 400)
    assert Mix.objects.count() == 0


def test_songs_of_a_mix_are_put_elsewhere_and_taken_out(browser, mix, songs):
    a, b, c = order_of(mix)
    address = reverse("place_song", args=[mix.token])
    for _ in range(2):  # a place and not a direction: twice is once
        browser.post(address, {"song": c, "place": "0"})
        assert order_of(mix) == [c, a, b]
    browser.post(address, {"song": c, "place": "99"})
    assert order_of(mix) == [a, b, c]
    browser.post(address, {"song": b, "place": ""})
    assert order_of(mix) == [a, c]
    assert browser.post(address, {"song": b, "place": "0"}).status_code == 404
    assert browser.post(address, {"song": b, "place": "-1"}).status_code == 400


def test_a_mix_is_renamed_and_deleted(browser, mix):
    browser.post(reverse("rename_mix", args=[mix.token]), {"name": "Noon"})
    mix.refresh_from_db()
    assert mix.name == "Noon"
    browser.post(reverse("delete_mix", args=[mix.token]))
    assert Mix.objects.count() == 0


@pytest.mark.parametrize("n_songs", [1, 3])
def test_a_mix_costs_the_same_queries_for_one_song_and_for_three(
    browser, mix, n_songs, django_assert_num_queries
):
    Mix.objects.filter(pk=mix.pk).update(song_ids=mix.song_ids[:n_songs])
    with django_assert_num_queries(8):
        response = browser.get(reverse("mix", args=[mix.token]))
    assert len(response.context["cards"]) == n_songs


def test_mixes_come_along_into_the_account(guest, songs, listener):
    guest.post(reverse("save_mix"), {"name": "Mine", "song": songs[0].address})
    adopt_guest(guest=User.objects.get(is_guest=True), account=listener)
    User.objects.filter(is_guest=True).delete()
    assert [mix.name for mix in listener.mixes.all()] == ["Mine"]


def test_history_shows_what_was_played_and_suggested_and_forgets_it(browser, listener, songs):
    LikeFactory(user=listener, song=songs[0])
    browser.get(reverse("for_you"))
    browser.post(reverse("playback"), {"song": songs[1].address, "kind": "play"})
    [day] = browser.get(reverse("history")).context["days"]
    assert [song.song_id for song in day.played] == [songs[1].address]
    assert len(day.suggested) == 10
    Playback.objects.create(user=ListenerFactory(), song=songs[1], kind="play")
    browser.post(reverse("clear_history"), {"what": "played"})
    assert load_taste(listener).played == ()
    browser.post(reverse("clear_history"), {"what": "suggested"})
    assert browser.get(reverse("history")).context["days"] == []
    assert (Playback.objects.count(), Impression.objects.count()) == (1, 0)
    assert browser.post(reverse("clear_history"), {"what": "everything"}).status_code == 400


def test_learning_from_plays_is_switched_off_and_on(browser, listener, songs):
    browser.post(reverse("playback"), {"song": songs[1].address, "kind": "play"})
    assert len(load_taste(listener).played) == 1
    for _ in range(2):
        page = browser.post(reverse("learn_from_plays"), {}, follow=True)
        assert "What you play does not count for your suggestions." in page.text
        assert load_taste(listener).played == ()
    browser.post(reverse("learn_from_plays"), {"learn": "on"})
    assert len(load_taste(listener).played) == 1
