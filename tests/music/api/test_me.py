"""The listener themself, by API."""

import pytest
from django.test import Client

from accounts.models import AccessToken, User
from accounts.tokens import MAX_TOKENS
from music.models import UserLikedSong
from tests.factories import LikeFactory, ListenerFactory

from .conftest import ApiClient


@pytest.fixture
def browser(listener) -> Client:
    """The listener, signed in in a browser."""
    client = Client()
    client.force_login(listener)
    return client


def send(client: Client, method: str, address: str, body: object = None):
    return client.generic(method, address, b"" if body is None else body, "application/json")


def test_profile_is_shown_and_changed(listener_api, listener):
    profile = listener_api.send("GET", "/api/v1/me").json()
    assert set(profile) == {"user_id", "email", "display_name", "is_guest", "created_at"}
    assert profile["email"] == listener.email
    changed = listener_api.send("PATCH", "/api/v1/me", {"display_name": " Ada "}).json()
    assert changed["display_name"] == "Ada"
    listener.refresh_from_db()
    assert listener.display_name == "Ada"


@pytest.mark.parametrize("name", [None, 5, "a" * 81])
def test_bad_name_is_refused(listener_api, name):
    response = listener_api.send("PATCH", "/api/v1/me", {"display_name": name})
    assert list(response.json()["fields"]) == ["display_name"]


def test_nothing_else_of_the_profile_can_be_changed(listener_api, listener):
    for field in ("email", "is_staff", "is_guest"):
        response = listener_api.send("PATCH", "/api/v1/me", {"display_name": "a", field: True})
        assert list(response.json()["fields"]) == [field]


def test_taste_is_counted(listener_api, listener, songs):
    for song in songs[10:14]:
        LikeFactory(user=listener, song=song)
    taste = listener_api.send("GET", "/api/v1/me/taste").json()
    assert taste["n_likes"] == 4
    assert taste["genres"] == [
        {"label": "K-Pop", "n_likes": 2},
        {"label": "Rock", "n_likes": 2},
    ]


def test_everything_is_exported(listener_api, listener):
    like = LikeFactory(user=listener)
    response = listener_api.send("GET", "/api/v1/me/export")
    assert response["Content-Disposition"] == 'attachment; filename="tunetrace.json"'
    assert response.json()["liked_songs"][0]["song_name"] == like.song_name


def test_listener_deletes_everything_and_is_signed_out(browser, listener):
    LikeFactory(user=listener)
    other = LikeFactory()
    assert browser.delete("/api/v1/me").status_code == 204
    assert list(User.objects.all()) == [other.user]
    assert list(UserLikedSong.objects.all()) == [other]
    assert browser.get("/api/v1/me").status_code == 401


def test_service_deletes_a_listener_without_account(service_api):
    ListenerFactory(email=None, user_id="front-end:1")
    response = service_api.send("DELETE", "/api/v1/me?user_id=front-end:1")
    assert response.status_code == 204
    assert User.objects.count() == 0


def test_service_must_name_a_listener(service_api):
    response = service_api.send("GET", "/api/v1/me")
    assert response.status_code == 400
    assert list(response.json()["fields"]) == ["user_id"]


def test_token_is_made_used_listed_and_revoked(browser, listener):
    made = send(browser, "POST", "/api/v1/me/tokens", '{"name": "phone"}').json()
    program = ApiClient(made["token"])
    assert program.send("GET", "/api/v1/me").json()["user_id"] == listener.user_id
    listed = browser.get("/api/v1/me/tokens").json()
    assert [token["name"] for token in listed] == ["phone"]
    assert "token" not in listed[0]
    assert made["token"] not in str(AccessToken.objects.values())
    assert browser.delete(f"/api/v1/me/tokens/{made['id']}").status_code == 204
    assert program.send("GET", "/api/v1/me").status_code == 401
    assert browser.get("/api/v1/me/tokens").json() == []


def test_too_many_tokens_are_refused(browser, listener):
    for n in range(MAX_TOKENS):
        token, _ = AccessToken.issue(user=listener, name=str(n))
        token.save()
    response = send(browser, "POST", "/api/v1/me/tokens", '{"name": "one more"}')
    assert response.status_code == 400
    assert AccessToken.objects.count() == MAX_TOKENS


def test_browser_needs_the_csrf_token_to_write(listener):
    client = Client(enforce_csrf_checks=True)
    client.force_login(listener)
    assert client.get("/api/v1/me").status_code == 200
    refused = send(client, "PATCH", "/api/v1/me", '{"display_name": "Ada"}')
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
