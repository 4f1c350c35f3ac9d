"""Taste, export, deletion."""

import json

import pytest
from django.urls import reverse

from accounts.models import User
from music.models import UserLikedSong
from tests.factories import PASSWORD, LikeFactory, SongFactory


@pytest.mark.parametrize("n_likes", [1, 3])
def test_taste_costs_the_same_queries_for_one_like_and_for_three(
    browser, listener, n_likes, django_assert_num_queries
):
    LikeFactory.create_batch(n_likes, user=listener)
    with django_assert_num_queries(3):
        response = browser.get(reverse("taste"))
    assert response.context["n_likes"] == n_likes


def test_taste_counts_what_is_liked(browser, listener):
    for year, genre in ((1965, "Rock"), (1991, "Rock"), (1992, "Jazz")):
        LikeFactory(user=listener, song=SongFactory(year=year, genre=genre))
    context = browser.get(reverse("taste")).context
    assert [(bar.label, bar.count, bar.length) for bar in context["genres"]] == [
        ("Rock", 2, 100.0),
        ("Jazz", 1, 50.0),
    ]
    assert [(bar.label, bar.count) for bar in context["decades"]] == [
        ("1960s", 1),
        ("1970s", 0),
        ("1980s", 0),
        ("1990s", 2),
    ]


def test_taste_of_somebody_unknown_is_empty(guest):
    assert "Nothing to draw yet" in guest.get(reverse("taste")).text


def test_everything_can_be_downloaded_by_a_listener_and_by_a_guest(guest, browser, listener, songs):
    LikeFactory(user=listener, song_name="mine")
    guest.post(reverse("like"), {"song": songs[0].address})
    names = []
    for client in (browser, guest):
        response = client.get(reverse("export"))
        assert response.headers["Content-Disposition"] == 'attachment; filename="tunetrace.json"'
        assert response.headers["Cache-Control"] == "private, no-store"
        names.append([like["song_name"] for like in json.loads(response.content)["liked_songs"]])
    assert names == [["mine"], [str(songs[0])]]


def test_somebody_unknown_has_nothing_to_download(guest):
    assert guest.get(reverse("export")).url == reverse("account")


def test_everything_is_deleted_after_a_word_and_others_stay(browser, listener):
    LikeFactory(user=listener)
    other = LikeFactory()
    asked = browser.post(reverse("delete_everything"), {"confirm": "Delete "})
    assert asked.url == f"{reverse('account_reauthenticate')}?next=%2Faccount%2Fdelete%2F"
    assert User.objects.filter(pk=listener.pk).exists()
    answer = browser.post(asked.url, {"password": PASSWORD, "next": "/account/delete/"})
    assert answer.url == "/"
    assert list(UserLikedSong.objects.all()) == [other]
    assert not User.objects.filter(pk=listener.pk).exists()
    assert browser.get(reverse("tokens")).status_code == 302


@pytest.mark.parametrize("word", ["", "yes", "\x00", "x" * 21])
def test_without_the_word_nothing_is_deleted(browser, listener, word):
    response = browser.post(reverse("delete_everything"), {"confirm": word})
    assert response.status_code == 400
    assert list(response.context["form"].errors) == ["confirm"]
    assert User.objects.filter(pk=listener.pk).exists()


def test_deletion_is_only_shown_by_a_get(browser, listener):
    assert browser.get(reverse("delete_everything"), {"confirm": "delete"}).status_code == 200
    assert User.objects.filter(pk=listener.pk).exists()


def test_the_parts_of_a_taste_lead_to_lists_of_such_songs(browser, listener):
    song = SongFactory(artist="AC/DC & Co", genre="Rock", year=1985, language="fr")
    LikeFactory(user=listener, song=song)
    page = browser.get(reverse("taste")).text
    for address in (
        "/for-you/?genre=Rock",
        "/for-you/?decade=1980",
        "/for-you/?language=fr",
        "/search/?q=AC%2FDC+%26+Co",
    ):
        assert f'href="{address}"' in page
        assert browser.get(address).status_code == 200
    assert "<table" not in page
    LikeFactory(user=listener, song=SongFactory(genre="Rock", year=1986))
    assert "<table" in browser.get(reverse("taste")).text
