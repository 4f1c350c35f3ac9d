"""Many songs at once by API."""

import pytest

from music.models import PlaylistImport


def test_list_of_songs_becomes_likes_as_its_progress_is_asked_for(listener_api, listener, songs):
    names = [str(song) for song in songs]
    started = listener_api.send("POST", "/api/v1/imports", {"songs": names})
    assert started.status_code == 202
    assert (started.json()["state"], started.json()["n_total"]) == ("waiting", 15)
    address = started["Location"].removeprefix("http://testserver")
    progress = listener_api.send("GET", address).json()
    assert (progress["state"], progress["n_done"]) == ("done", 15)
    assert listener.liked_songs.count() == 15


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "playlist"),
        ({"playlist": "x", "songs": ["y"]}, "playlist"),
        ({"playlist": "https://example.org/"}, "playlist"),
        ({"playlist": 5}, "playlist"),
        ({"songs": []}, "songs"),
        ({"songs": ["a"] * 1001}, "songs"),
        ({"songs": ["Yesterday", "?"]}, "songs"),
        ({"songs": [{"name": "Yesterday"}]}, "songs"),
    ],
)
def test_bad_import_is_refused_and_nothing_is_begun(listener_api, body, field):
    response = listener_api.send("POST", "/api/v1/imports", body)
    assert response.status_code == 400
    assert list(response.json()["fields"]) == [field]
    assert PlaylistImport.objects.count() == 0
