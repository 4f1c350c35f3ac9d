"""Imports: begun by a form, advanced by looking."""

import pytest
from django.urls import reverse

from accounts.models import User
from music.models import PlaylistImport, UserLikedSong

NAMES = [f"unheard of song {n}" for n in range(30)]


def begin(client, **data):
    return client.post(reverse("new_import"), data)


def test_a_pasted_list_is_imported_slice_by_slice(guest):
    address = begin(guest, songs="\n".join(NAMES)).url
    first = guest.get(address)
    assert 0 < first.context["job"].n_done < 30
    assert 'http-equiv="refresh"' in first.text
    assert 'hx-trigger="load delay:1s"' in first.text
    while not (last := guest.get(address)).context["is_finished"]:
        pass
    assert 'http-equiv="refresh"' not in last.text
    assert last.context["job"].n_unresolved == 30
    assert UserLikedSong.objects.count() == 30


@pytest.mark.parametrize(
    "playlist",
    [
        "",
        "?!",
        "not a playlist",
        "https://example.org/?list=PL1234567890abcdef",
        "x" * 501,
        "a\x00",
    ],
)
def test_a_bad_playlist_is_shown_again_with_a_message(guest, playlist):
    response = begin(guest, playlist=playlist)
    assert response.status_code == 400
    assert list(response.context["playlist_form"].errors) == ["playlist"]
    assert not response.context["paste_form"].is_bound
    assert User.objects.count() == 0


def test_an_empty_form_is_refused(guest):
    response = begin(guest, songs="")
    assert response.status_code == 400
    assert list(response.context["paste_form"].errors) == ["songs"]


def test_a_playlist_without_a_youtube_key_stops_with_the_reason(guest):
    address = begin(guest, playlist="PL1234567890abcdef").url
    response = guest.get(address)
    assert response.context["job"].state == PlaylistImport.State.FAILED
    assert response.context["job"].error in response.text
    assert 'http-equiv="refresh"' not in response.text


def test_another_listeners_import_is_not_found(guest, browser):
    address = begin(guest, songs="one song").url
    assert browser.get(address).status_code == 404


def test_an_unknown_import_is_not_found(guest, browser):
    for client in (guest, browser):
        assert client.get("/import/nosuchtoken/").status_code == 404
        assert client.get("/import/%00/").status_code == 404
