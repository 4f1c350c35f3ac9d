"""The calls of clients of the older TuneTrace service, as they make them."""

import json

import pytest
from django.test import Client

from accounts.models import User
from music.models import UserLikedSong
from tests.factories import LikeFactory, ListenerFactory, SongFactory, VideoFactory

ORIGIN = "https://music.example.org"
WHO = "jo+music@example.org"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _older_clients(settings):
    settings.ALLOW_UNAUTHENTICATED_USER_ID = True
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]


@pytest.mark.parametrize("path", ["/suggestions", "/discover", "/liked-songs"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_preflight_of_the_web_client_is_answered(path, slash):
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    response = Client().options(path + slash, headers=asked)
    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert "content-type" in response["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    ("genre", "genres", "left_out"),
    [
        ("K-Pop", {"K-Pop"}, None),
        ("K-Pop Rock", {"K-Pop", "Rock"}, None),
        ("Kpop Vaporcore", {"K-Pop"}, "Vaporcore"),
        ("Vaporcore", {"K-Pop", "Rock"}, "Vaporcore"),
        ("any K-Pop", {"K-Pop", "Rock"}, None),
        ("", {"K-Pop", "Rock"}, None),
    ],
)
def test_genres_joined_by_spaces_are_used_and_unknown_ones_named(
    api, songs, genre, genres, left_out
):
    body = {"user_id": WHO, "songs": [str(songs[0])], "genre": genre, "limit": 50}
    answer = api.send("POST", "/suggestions", body).json()
    found = {song["title"] for song in answer["suggestions"]}
    assert found == {s.title for s in songs[1:] if s.genre in genres}
    notices = [f"Unknown genres, left out: {left_out}."] if left_out else []
    assert answer.get("notices", []) == notices
    assert UserLikedSong.objects.count() == 1


def test_likes_posted_twice_are_there_once_and_are_found_by_the_raw_mail_address(api, songs):
    body = {"user_id": WHO, "songs": [str(songs[0]), str(songs[1])], "genre": "any"}
    first, second = (api.send("POST", "/suggestions", body) for _ in range(2))
    assert first.json() == second.json()
    for raw in (WHO, "jo%2Bmusic@example.org", "jo%2Bmusic%40example.org"):
        likes = api.send("GET", f"/liked-songs?user_id={raw}").json()
        assert {like["title"] for like in likes} == {songs[0].title, songs[1].title}
    assert [user.user_id for user in User.objects.all()] == [WHO]


def test_raw_mail_address_of_an_account_opens_nothing(api):
    like = LikeFactory(user=ListenerFactory(user_id=WHO))
    assert api.send("GET", f"/liked-songs?user_id={WHO}").status_code == 401
    assert like.user.has_account


def test_titles_of_videos_are_understood(api):
    song = SongFactory(artist="Guns N' Roses", title="Sweet Child O' Mine")
    SongFactory(artist="Other", title="Song")
    title = "Guns N&#39; Roses - Sweet Child O&#39; Mine (Official Music Video) GunsNRosesVEVO"
    body = {"user_id": WHO, "songs": [title]}
    assert api.send("POST", "/suggestions", body).json()["unresolved"] == []
    like = UserLikedSong.objects.get()
    assert (like.song, "&#39;" in like.song_name) == (song, False)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(("/suggestions", {"songs": ["Artist 1 Song 1"]}, "suggestions"), id="songs"),
        pytest.param(("/discover", {"query": "energetic rock"}, "results"), id="words"),
    ],
)
def test_songs_with_a_video_are_alone_where_they_are_enough_and_first_elsewhere(api, songs, ask):
    path, body, name = ask
    videos = {VideoFactory(song=song).video_id for song in songs[6:10]}
    for limit in (3, 4, 6):
        answer = api.send("POST", path, {**body, "limit": limit}).json()
        ids = [song["youtube_video_id"] for song in answer[name]]
        assert len(ids) == limit
        assert set(ids[:4]) <= videos
        assert ids[4:] == [None] * (limit - 4)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/suggestions", {"songs": []}),
        ("/suggestions", {"songs": ["?!"]}),
        ("/suggestions", {"songs": ["a"], "genre": 7}),
        ("/api/v1/suggestions", {"songs": ["a"], "genre": "no such genre"}),
        ("/api/v1/liked-songs", {"song_id": "no/such-song"}),
        ("/api/v1/dismissals", {"song_id": "no/such-song"}),
        ("/api/v1/playbacks", {"song_id": "no/such-song", "kind": "play"}),
        ("/api/v1/steering", {"song_id": "no/such-song", "kind": "artist"}),
        ("/api/v1/imports", {"playlist": "no playlist"}),
        ("/api/v1/me/suggestions", {"decade": 1993}),
    ],
)
def test_refused_request_makes_no_listener(service_api, songs, path, body):
    response = service_api.send("POST", path, {**body, "user_id": WHO})
    assert response.status_code in {400, 404}, json.loads(response.content)
    assert not User.objects.exists()


def test_listener_named_for_the_first_time_is_stored_with_what_is_kept_of_them(service_api, songs):
    song = {"song_id": songs[0].address}
    for number, (method, path, body) in enumerate(
        [
            ("POST", "/api/v1/liked-songs", song),
            ("POST", "/api/v1/dismissals", song),
            ("POST", "/api/v1/playbacks", {**song, "kind": "play"}),
            ("POST", "/api/v1/steering", {**song, "kind": "artist"}),
            ("POST", "/api/v1/imports", {"songs": ["Artist 1 Song 1"]}),
            ("PATCH", "/api/v1/me", {"display_name": "Ada"}),
        ]
    ):
        user_id = f"named-{number}"
        response = service_api.send(method, path, {**body, "user_id": user_id})
        assert response.status_code < 300, (path, response.content)
        assert not User.objects.get(user_id=user_id).has_usable_password()
    assert User.objects.get(user_id="named-5").display_name == "Ada"
