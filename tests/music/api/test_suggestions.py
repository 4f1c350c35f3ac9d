"""Suggestions as the contract has them, for everybody who may ask."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ServiceKey, User
from music.models import UserLikedSong
from tests.factories import LikeFactory, ListenerFactory, SongFactory, VideoFactory

from .conftest import ApiClient

OLDER = {"title", "artist", "youtube_video_id", "score", "because", "source"}
PRESENT = {
    *("id", "video_id", "take", "title", "artist", "genre", "year", "score", "because", "source"),
}
SHAPES = {
    "/suggestions": (OLDER, {"title", "youtube_video_id"}),
    "/suggestions/": (OLDER, {"title", "youtube_video_id"}),
    "/api/v1/suggestions": (PRESENT, {"id", "title", "artist", "how"}),
    "/api/v1/suggestions/": (PRESENT, {"id", "title", "artist", "how"}),
}


@pytest.mark.parametrize("address", SHAPES)
def test_anonymous_caller_gets_songs_and_nothing_is_stored(api, songs, address):
    response = api.send("POST", address, {"songs": [str(songs[0])], "limit": 5})
    assert response.status_code == 200
    body = response.json()
    assert set(body) <= {"suggestions", "unresolved", "notices"}
    assert body["unresolved"] == []
    assert len(body["suggestions"]) == 5
    for suggestion in body["suggestions"]:
        assert set(suggestion) == SHAPES[address][0]
        assert all(set(cause) == SHAPES[address][1] for cause in suggestion["because"])
    assert songs[0].title not in {s["title"] for s in body["suggestions"]}
    assert (User.objects.count(), UserLikedSong.objects.count()) == (0, 0)
    assert "sessionid" not in response.cookies


def test_older_addresses_tell_the_video_of_each_song_that_led_to_a_suggestion(api, songs):
    played = VideoFactory(song=songs[0])
    body = api.send("POST", "/suggestions", {"songs": [str(songs[0]), str(songs[1])]}).json()
    told = {c["title"]: c["youtube_video_id"] for s in body["suggestions"] for c in s["because"]}
    assert told == {songs[0].title: played.video_id, songs[1].title: None}


def test_song_that_is_not_found_is_reported_and_others_are_suggested(api, songs):
    body = api.send("POST", "/suggestions", {"songs": ["Qwxz Vbnm Plokij"]}).json()
    assert body["unresolved"] == ["Qwxz Vbnm Plokij"]
    assert body["suggestions"]


def test_limit_is_ten_unless_said(api, songs):
    body = api.send("POST", "/suggestions", {"songs": [str(songs[0])]}).json()
    assert len(body["suggestions"]) == 10


def test_genre_filters_and_any_does_not(api, songs):
    asked = {"songs": [str(songs[0])], "limit": 50}
    only = api.send("POST", "/suggestions", {**asked, "genre": "k-pop"}).json()["suggestions"]
    assert {s["title"] for s in only} == {song.title for song in songs[12:]}
    any_genre = api.send("POST", "/suggestions", {**asked, "genre": "any"}).json()
    assert any_genre == api.send("POST", "/suggestions", {**asked, "genre": None}).json()
    assert len(any_genre["suggestions"]) > 3


def test_unknown_genre_is_refused_with_where_the_list_is(api, songs):
    body = {"songs": ["a"], "genre": "no such genre"}
    response = api.send("POST", "/api/v1/suggestions", body)
    assert response.status_code == 400
    assert list(response.json()["fields"]) == ["genre"]
    assert "/api/v1/genres" in response.json()["hint"]


def test_listener_asks_and_likes_once(listener_api, listener, songs):
    body = {"songs": [str(songs[0]), "Qwxz Vbnm Plokij"]}
    first = listener_api.send("POST", "/suggestions", body)
    second = listener_api.send("POST", "/suggestions", body)
    assert first.json() == second.json()
    likes = UserLikedSong.objects.filter(user=listener).values_list("song_name", "song__address")
    assert set(likes) == {(str(songs[0]), songs[0].address), ("Qwxz Vbnm Plokij", None)}


def test_listener_may_name_themself(listener_api, listener, songs):
    body = {"songs": [str(songs[0])], "user_id": listener.user_id}
    assert listener_api.send("POST", "/suggestions", body).status_code == 200


def test_refusal_is_the_same_whether_the_named_listener_exists(listener_api, api, songs):
    existing, missing = ListenerFactory().user_id, "nobody-at-all"
    for client, status in ((listener_api, 403), (api, 401)):
        answers = [
            client.send("POST", "/suggestions", {"songs": ["a"], "user_id": user_id})
            for user_id in (existing, missing)
        ]
        assert [answer.status_code for answer in answers] == [status, status]
        assert answers[0].content == answers[1].content


def test_service_key_makes_the_listener_it_names_first(service_api, songs):
    body = {"songs": [str(songs[0])], "user_id": "front-end:42"}
    assert service_api.send("POST", "/suggestions", body).status_code == 200
    named = User.objects.get(user_id="front-end:42")
    assert (named.email, named.is_guest, named.has_usable_password()) == (None, False, False)
    assert service_api.send("POST", "/suggestions", body).status_code == 200
    assert User.objects.count() == 1
    assert named.liked_songs.count() == 1


def test_service_key_without_a_listener_stores_nothing(service_api, songs):
    response = service_api.send("POST", "/suggestions", {"songs": [str(songs[0])]})
    assert response.status_code == 200
    assert User.objects.count() == 0


def test_blocked_listener_cannot_be_acted_for(service_api, songs):
    ListenerFactory(email=None, user_id="blocked", is_active=False)
    body = {"songs": [str(songs[0])], "user_id": "blocked"}
    assert service_api.send("POST", "/suggestions", body).status_code == 403


@pytest.fixture
def _older_clients(settings):
    settings.ALLOW_UNAUTHENTICATED_USER_ID = True


@pytest.mark.usefixtures("_older_clients")
def test_older_client_may_name_a_listener_without_account(api, songs):
    body = {"songs": [str(songs[0])], "user_id": "old-client-7"}
    assert api.send("POST", "/suggestions", body).status_code == 200
    likes = api.send("GET", "/liked-songs?user_id=old-client-7").json()
    assert [like["title"] for like in likes] == [songs[0].title]


@pytest.mark.usefixtures("_older_clients")
def test_older_client_may_not_name_a_listener_with_an_account(api, songs):
    account = LikeFactory().user
    body = {"songs": [str(songs[0])], "user_id": account.user_id}
    assert api.send("POST", "/suggestions", body).status_code == 401
    assert api.send("GET", f"/liked-songs?user_id={account.user_id}").status_code == 401


@pytest.mark.usefixtures("_older_clients")
def test_older_client_may_do_nothing_else(api, songs):
    ListenerFactory(email=None, user_id="old-client-7")
    for method, address in (("GET", "/api/v1/me"), ("DELETE", "/api/v1/me")):
        assert api.send(method, f"{address}?user_id=old-client-7").status_code == 401


@pytest.mark.usefixtures("_older_clients")
def test_reading_the_likes_of_a_listener_nobody_knows_makes_none(api, db):
    response = api.send("GET", "/liked-songs?user_id=nobody-yet")
    assert (response.status_code, response.json()) == (200, [])
    assert User.objects.count() == 0


def test_own_suggestions_come_from_what_is_liked(listener_api, listener, songs):
    LikeFactory(user=listener, song=songs[0])
    body = listener_api.send("GET", "/api/v1/me/suggestions?limit=3").json()
    assert len(body["suggestions"]) == 3
    assert songs[0].address not in {s["id"] for s in body["suggestions"]}


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "adventurousness=2", "genre=%00"])
def test_own_suggestions_refuse_bad_values_naming_them(listener_api, query):
    response = listener_api.send("GET", f"/api/v1/me/suggestions?{query}")
    assert response.status_code == 400
    assert list(response.json()["fields"]) == [query.partition("=")[0]]


@pytest.mark.parametrize("address", ["/discover", "/discover/", "/api/v1/discover"])
def test_free_text_finds_songs(api, songs, address):
    response = api.send("POST", address, {"query": "energetic rock", "limit": 4})
    assert response.status_code == 200
    body = response.json()
    assert body["query"] == "energetic rock"
    assert len(body["results"]) == 4
    for result in body["results"]:
        older = {"title", "artist", "youtube_video_id", "genre", "score"}
        assert set(result) == (PRESENT if address.startswith("/api") else older)


def test_free_text_says_how_it_was_read_and_leaves_out_what_it_is_told_to(api, songs):
    asked = {"query": "energetic 90s rock", "without": ["time:1990s"]}
    body = api.send("POST", "/api/v1/discover", asked).json()
    assert [facet["id"] for facet in body["read_as"]] == ["mood:energetic", "genre:rock"]
    assert body["read_as"][0] == {"id": "mood:energetic", "kind": "mood", "label": "energetic"}
    refused = api.send("POST", "/api/v1/discover", asked | {"without": ["x"] * 21})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["without"])


def test_nothing_known_at_all_is_503_with_retry_after(api, db):
    response = api.send("POST", "/suggestions", {"songs": ["Yesterday"]})
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    assert response.json()["code"] == "nothing_to_suggest"


@pytest.mark.django_db(transaction=True)
def test_warm_request_of_a_service_key_asks_no_database_and_hears_of_every_change(
    django_assert_num_queries,
):
    key, secret = ServiceKey.issue(name="front end")
    key.save()
    songs = SongFactory.create_batch(12)
    client = ApiClient(secret)
    body = {"songs": [str(songs[0])], "user_id": "front-end:42"}

    def ask() -> int:
        return client.send("POST", "/suggestions", body).status_code

    assert [ask(), ask(), ask()] == [200, 200, 200]
    with django_assert_num_queries(0):
        assert ask() == 200
    User.objects.update(is_active=False)
    assert ask() == 403
    User.objects.update(is_active=True)
    assert ask() == 200
    User.objects.get().delete()
    assert ask() == 200
    assert UserLikedSong.objects.count() == 1
    ServiceKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() + timedelta(hours=1))
    assert ask() == 200
    ServiceKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())
    assert ask() == 401


def test_new_listener_and_their_likes_are_stored_in_one_unit(
    service_api, songs, django_assert_max_num_queries
):
    body = {"songs": [str(song) for song in songs[:5]], "user_id": "front-end:43"}
    service_api.send("POST", "/api/v1/suggestions", {**body, "user_id": "another"})
    with django_assert_max_num_queries(24):
        assert service_api.send("POST", "/api/v1/suggestions", body).status_code == 200
    assert User.objects.get(user_id="front-end:43").liked_songs.count() == 5
