"""Likes, dismissals and playbacks by API."""

import re

import pytest
from django.utils.dateparse import parse_datetime

from music.models import Dismissal, Playback, UserLikedSong
from tests.factories import LikeFactory, VideoFactory


@pytest.mark.parametrize("address", ["/liked-songs", "/liked-songs/"])
def test_older_clients_get_the_four_fields_they_know_newest_first(
    listener_api, listener, songs, address
):
    video = VideoFactory(song=songs[0])
    found = LikeFactory(user=listener, song=songs[0])
    pending = LikeFactory(user=listener, song=None, song_name="not found yet")
    likes = listener_api.send("GET", address).json()
    assert [parse_datetime(like.pop("created_at")) for like in likes] == [
        pending.created_at,
        found.created_at,
    ]
    assert likes == [
        {"video_id": None, "title": "not found yet", "artist": ""},
        {
            "video_id": video.video_id,
            "title": songs[0].title,
            "artist": songs[0].artist,
        },
    ]


def test_older_path_takes_no_writes(listener_api):
    response = listener_api.send("POST", "/liked-songs", {"song_name": "Yesterday"})
    assert response.status_code == 405


def test_list_of_likes_takes_the_same_queries_for_one_and_three(
    listener_api, listener, django_assert_num_queries
):
    for n_likes in (1, 3):
        while listener.liked_songs.count() < n_likes:
            LikeFactory(user=listener)
        listener_api.send("GET", "/api/v1/liked-songs")  # writes when the token was last used
        with django_assert_num_queries(4):
            assert len(listener_api.send("GET", "/api/v1/liked-songs").json()) == n_likes


def test_one_like_or_dismissal_takes_few_statements(listener_api, songs, django_assert_num_queries):
    def like(song):
        return listener_api.send("POST", "/api/v1/liked-songs", {"song_id": song.address})

    def dismiss(song):
        return listener_api.send("POST", "/api/v1/dismissals", {"song_id": song.address})

    assert like(songs[0]).status_code == 201  # writes when the token was last used
    with django_assert_num_queries(10):
        assert like(songs[1]).status_code == 201
    with django_assert_num_queries(9):
        assert dismiss(songs[2]).status_code == 201
    assert dismiss(songs[1]).status_code == 201
    assert [like["song_id"] for like in listener_api.send("GET", "/api/v1/liked-songs").json()] == [
        songs[0].address
    ]
    assert like(songs[1]).status_code == 201
    assert Dismissal.objects.get().song == songs[2]


@pytest.mark.parametrize("path", ["/liked-songs", "/api/v1/liked-songs"])
def test_list_of_likes_is_cut_where_asked(listener_api, listener, path):
    titles = [LikeFactory(user=listener).song.title for _ in range(5)][::-1]
    for query, expected in (
        ("", titles),
        ("?limit=2", titles[:2]),
        ("?offset=3", titles[3:]),
        ("?limit=2&offset=1", titles[1:3]),
        ("?offset=9", []),
    ):
        likes = listener_api.send("GET", path + query).json()
        assert [like["title"] for like in likes] == expected
    for field in ("limit=0", "limit=1001", "offset=-1", "offset=x"):
        response = listener_api.send("GET", f"{path}?{field}")
        assert list(response.json()["fields"]) == [field.partition("=")[0]]


def test_parts_of_the_list_say_how_many_there_are_and_where_the_next_is(listener_api, listener):
    for _ in range(5):
        LikeFactory(user=listener)
    whole = listener_api.send("GET", "/api/v1/liked-songs")
    assert (whole["X-Total-Count"], "Link" in whole) == ("5", False)
    read, address = [], "/api/v1/liked-songs?limit=2&order=title"
    while address:
        part = listener_api.send("GET", address)
        assert part["X-Total-Count"] == "5"
        read += part.json()
        links = dict(re.findall(r'<([^>]+)>; rel="(\w+)"', part.get("Link", "")))
        address = next((url for url, name in links.items() if name == "next"), None)
    assert sorted(like["id"] for like in read) == sorted(like["id"] for like in whole.json())
    assert set(links.values()) == {"prev"}


def test_likes_are_found_by_words_and_ordered(listener_api, listener, songs):
    first = LikeFactory(user=listener, song=songs[0])
    pending = LikeFactory(user=listener, song=None, song_name="Not found yet")
    for query, expected in (
        ("order=oldest", [first, pending]),
        ("order=newest", [pending, first]),
        ("query=found", [pending]),
        (f"query={songs[0].title}", [first]),
        ("missing=true", [pending]),
    ):
        found = listener_api.send("GET", f"/api/v1/liked-songs?{query}").json()
        assert [like["id"] for like in found] == [str(like.pk) for like in expected], query
    refused = listener_api.send("GET", "/api/v1/liked-songs?order=loudest")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["order"])


def test_many_songs_are_liked_and_taken_back_at_once(listener_api, songs):
    body = {"songs": [str(songs[0]), "Not Known Here", str(songs[0])]}
    body["song_ids"] = [songs[1].address, songs[0].address]
    likes = listener_api.send("POST", "/api/v1/liked-songs/many", body).json()
    assert [like["song_id"] for like in likes] == [songs[0].address, None, songs[1].address]
    removal = {"ids": [likes[0]["id"], likes[1]["id"], "1"]}
    removed = listener_api.send("POST", "/api/v1/liked-songs/many/remove", removal)
    assert removed.json() == {"n_removed": 2}
    assert UserLikedSong.objects.get().song == songs[1]


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        ("many", {}, "songs"),
        ("many", {"songs": []}, "songs"),
        ("many", {"songs": ["a"] * 51}, "songs"),
        ("many", {"song_ids": [1]}, "song_ids"),
        ("many/remove", {}, "ids"),
        ("many/remove", {"ids": ["x"]}, "ids"),
        ("many/remove", {"ids": [1]}, "ids"),
        ("many/remove", {"ids": ["1"] * 51}, "ids"),
    ],
)
def test_many_that_cannot_be_are_refused_naming_the_field(listener_api, address, body, field):
    response = listener_api.send("POST", f"/api/v1/liked-songs/{address}", body)
    assert (response.status_code, list(response.json()["fields"])) == (400, [field])


def test_song_is_liked_by_its_words_and_liking_it_twice_is_one_like(listener_api, songs):
    body = {"song_name": str(songs[0])}
    made = listener_api.send("POST", "/api/v1/liked-songs", body)
    again = listener_api.send("POST", "/api/v1/liked-songs", body)
    assert (made.status_code, again.status_code, "Location" in again) == (201, 200, False)
    first = made.json()
    assert again.json() == listener_api.send("GET", made["Location"]).json() == first
    assert first["song_name"] == str(songs[0])
    assert first["song_id"] == songs[0].address
    assert isinstance(first["id"], str)
    assert UserLikedSong.objects.count() == 1


@pytest.mark.parametrize("field", ["song_id", "video_id"])
@pytest.mark.parametrize("name", ["address", "video", "older address"])
def test_song_is_liked_by_its_id_or_a_video_of_it(listener_api, songs, field, name):
    video = VideoFactory(song=songs[2], take="live")
    names = {
        "address": songs[2].address,
        "video": video.video_id,
        "older address": f"catalogue:{songs[2].address}",
    }
    like = listener_api.send("POST", "/api/v1/liked-songs", {field: names[name]}).json()
    assert (like["song_id"], like["video_id"]) == (songs[2].address, video.video_id)
    assert (like["title"], like["learn"]) == (songs[2].title, True)


def test_like_of_a_video_of_no_song_is_kept(listener_api):
    video = VideoFactory(song=None, title="Rain for ten hours", channel_title="Rain")
    like = listener_api.send("POST", "/api/v1/liked-songs", {"video_id": video.video_id}).json()
    assert (like["song_id"], like["video_id"]) == (None, video.video_id)
    assert (like["title"], like["artist"]) == ("Rain for ten hours", "Rain")


def test_unknown_video_is_404_and_nothing_is_stored(listener_api, songs):
    response = listener_api.send("POST", "/api/v1/liked-songs", {"video_id": "unknown0000"})
    assert response.status_code == 404
    assert UserLikedSong.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "song_name"),
        ({"song_name": ""}, "song_name"),
        ({"song_name": "?!…"}, "song_name"),
        ({"song_name": "🎵"}, "song_name"),
        ({"song_name": "a" * 201}, "song_name"),
        ({"song_name": ["a"]}, "song_name"),
        ({"video_id": ""}, "video_id"),
        ({"video_id": None}, "video_id"),
        ({"song_name": "a", "learn": True}, "learn"),
    ],
)
def test_like_that_cannot_be_is_refused_naming_the_field(listener_api, songs, body, field):
    response = listener_api.send("POST", "/api/v1/liked-songs", body)
    assert response.status_code == 400
    assert list(response.json()["fields"]) == [field]
    assert UserLikedSong.objects.count() == 0


def test_like_is_forgotten_once(listener_api, listener):
    like = LikeFactory(user=listener)
    assert listener_api.send("DELETE", f"/api/v1/liked-songs/{like.pk}").status_code == 204
    assert listener_api.send("DELETE", f"/api/v1/liked-songs/{like.pk}").status_code == 404
    assert UserLikedSong.objects.count() == 0


@pytest.mark.parametrize("like_id", ["9" * 30, "9" * 5000, "0", "-1", "abc"])
def test_id_that_no_like_can_have_is_404(listener_api, like_id):
    assert listener_api.send("DELETE", f"/api/v1/liked-songs/{like_id}").status_code == 404


def test_like_is_corrected_and_kept_out_of_learning(listener_api, listener, songs):
    like = LikeFactory(user=listener, song=songs[0])
    body = {"song_id": songs[5].address, "learn": False}
    changed = listener_api.send("PATCH", f"/api/v1/liked-songs/{like.pk}", body).json()
    assert (changed["song_id"], changed["learn"]) == (songs[5].address, False)
    like.refresh_from_db()
    assert (like.song, like.learn) == (songs[5], False)


def test_like_can_be_told_that_its_video_is_wrong(listener_api, listener, songs):
    like = LikeFactory(user=listener, song=songs[0])
    body = {"video_id": None}
    changed = listener_api.send("PATCH", f"/api/v1/liked-songs/{like.pk}", body).json()
    assert (changed["song_id"], changed["video_id"]) == (None, None)


def test_changing_nothing_is_refused(listener_api, listener):
    like = LikeFactory(user=listener)
    response = listener_api.send("PATCH", f"/api/v1/liked-songs/{like.pk}", {})
    assert response.status_code == 400


def test_song_is_dismissed_and_allowed_again(listener_api, songs):
    body = {"song_id": songs[0].address}
    made = listener_api.send("POST", "/api/v1/dismissals", body)
    dismissed = made.json()
    assert (made.status_code, dismissed["title"]) == (201, songs[0].title)
    again = listener_api.send("POST", "/api/v1/dismissals", body)
    assert (again.status_code, again.json()) == (200, dismissed)
    assert listener_api.send("GET", made["Location"]).json() == dismissed
    listed = listener_api.send("GET", "/api/v1/dismissals").json()
    assert [row["song_id"] for row in listed] == [songs[0].address]
    address = f"/api/v1/dismissals/{songs[0].address}"
    assert made["Location"].endswith(address)
    assert listener_api.send("DELETE", address).status_code == 204
    assert listener_api.send("DELETE", address).status_code == 204
    assert listener_api.send("GET", address).status_code == 404
    assert Dismissal.objects.count() == 0


def test_dismissed_song_is_not_suggested(listener_api, songs):
    listener_api.send("POST", "/api/v1/dismissals", {"song_id": songs[1].address})
    body = {"songs": [str(songs[0])], "limit": 50}
    suggested = listener_api.send("POST", "/suggestions", body).json()["suggestions"]
    assert songs[1].title not in {song["title"] for song in suggested}
    assert len(suggested) > 5


def test_playback_is_recorded(listener_api, listener, songs):
    body = {"song_id": songs[0].address, "kind": "skip"}
    assert listener_api.send("POST", "/api/v1/playbacks", body).status_code == 204
    assert Playback.objects.values_list("user", "song", "kind").get() == (
        listener.pk,
        songs[0].pk,
        "skip",
    )


def test_unknown_kind_of_playback_is_refused(listener_api, songs):
    body = {"song_id": songs[0].address, "kind": "hum"}
    response = listener_api.send("POST", "/api/v1/playbacks", body)
    assert list(response.json()["fields"]) == ["kind"]
