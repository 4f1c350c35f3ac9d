"""What a listener shows to others, by the API."""

import pytest

from music.models import Mix, Share
from tests.factories import LikeFactory

SHARES = "/api/v1/shares"


@pytest.fixture
def mix(listener, songs):
    ids = [songs[2].address, songs[0].address]
    return Mix.objects.create(user=listener, name="Morning", song_ids=ids)


def test_likes_and_a_mix_are_opened_seen_and_closed(listener_api, api, listener, songs, mix):
    LikeFactory(user=listener, song=songs[0], song_name="my own words")
    LikeFactory(user=listener, song=songs[1])
    LikeFactory(user=listener, song=None, song_name="secret words")
    assert listener_api.get(SHARES).json() == []
    seen = {}
    for asked in ({"kind": "likes"}, {"mix": mix.token}):
        made = listener_api.send("POST", SHARES, asked)
        opened = made.json()
        assert made.status_code == 201
        assert made["Location"].endswith(f"{SHARES}/{opened['token']}")
        again = listener_api.send("POST", SHARES, asked)
        assert (again.status_code, again.json()) == (200, opened)
        assert listener_api.get(made["Location"]).json() == opened
        assert api.get(opened["url"]).status_code == api.get(opened["feed_url"]).status_code == 200
        shared = api.get(f"/api/v1/shared/{opened['token']}")
        seen[opened["kind"]] = (
            shared.json()["title"],
            [item["song"]["id"] for item in shared.json()["songs"]],
        )
        for private in ("words", listener.user_id, listener.email):
            assert private not in shared.text
    assert seen == {
        "likes": ("Songs somebody likes", [songs[1].address, songs[0].address]),
        "mix": ("Morning", mix.song_ids),
    }
    listed = listener_api.get(SHARES).json()
    assert [(share["kind"], share["mix"]) for share in listed] == [
        ("mix", mix.token),
        ("likes", None),
    ]
    for share in listed:
        address = f"{SHARES}/{share['token']}"
        assert listener_api.send("DELETE", address).status_code == 204
        assert listener_api.send("DELETE", address).status_code == 404
        assert api.get(f"/api/v1/shared/{share['token']}").status_code == 404
        assert api.get(share["url"]).status_code == 404
    assert listener_api.get(SHARES).json() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"kind": "mix"}, 400),
        ({"kind": "likes", "mix": "x"}, 400),
        ({"kind": 1}, 400),
        ({"mix": ["x"]}, 400),
        ({"mix": "no-such-mix"}, 404),
    ],
)
def test_what_cannot_be_shared_is_refused(listener_api, mix, body, status):
    assert listener_api.send("POST", SHARES, body).status_code == status
    mix.refresh_from_db()
    assert (Share.objects.count(), mix.share_token) == (0, None)


def test_answers_that_open_something_are_not_compressed(listener_api, api, listener, songs):
    for song in songs:
        LikeFactory(user=listener, song=song)
    opened = listener_api.send("POST", SHARES, {"kind": "likes"}).json()
    packed = {"Accept-Encoding": "gzip"}
    assert "Content-Encoding" in listener_api.get("/api/v1/liked-songs", headers=packed)
    for address in (SHARES, f"/api/v1/shared/{opened['token']}"):
        assert "Content-Encoding" not in listener_api.get(address, headers=packed)
