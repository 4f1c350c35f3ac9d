"""The listener themself, by API."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.guests import GUEST_SESSION_KEY
from accounts.models import AccessToken, ServiceKey, User
from accounts.tokens import MAX_TOKENS
from music.models import UserLikedSong
from tests.factories import (
    PASSWORD,
    GuestFactory,
    LikeFactory,
    ListenerFactory,
    SongFactory,
    VideoFactory,
)
from tests.hostile.table import ABOUT_A_LISTENER

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


def sign_in(listener) -> Client:
    """A browser that signed in a moment ago."""
    client = Client()
    client.post("/accounts/login/", {"login": listener.email, "password": PASSWORD})
    return client


def test_listener_deletes_everything_and_is_signed_out(listener):
    LikeFactory(user=listener)
    other = LikeFactory()
    browser = sign_in(listener)
    assert browser.delete("/api/v1/me").status_code == 204
    assert list(User.objects.all()) == [other.user]
    assert list(UserLikedSong.objects.all()) == [other]
    assert browser.get("/api/v1/me").status_code == 401


def test_session_that_is_not_fresh_deletes_nothing_without_the_password(listener, settings):
    browser = sign_in(listener)
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    for body in (None, "{}", '{"password": "wrong"}'):
        response = send(browser, "DELETE", "/api/v1/me", body)
        assert (response.status_code, response.json()["code"]) == (403, "password_needed"), body
    assert User.objects.get() == listener
    body = json.dumps({"password": PASSWORD})
    assert send(browser, "DELETE", "/api/v1/me", body).status_code == 204
    assert not User.objects.exists()


def test_leaked_token_deletes_nothing_without_the_password(listener_api, listener):
    assert listener_api.send("DELETE", "/api/v1/me").status_code == 403
    assert listener_api.send("DELETE", "/api/v1/me", {"password": "wrong"}).status_code == 403
    assert User.objects.get() == listener
    assert listener_api.send("DELETE", "/api/v1/me", {"password": PASSWORD}).status_code == 204
    assert not User.objects.exists()


def test_password_cannot_be_guessed_by_deleting(listener_api, listener):
    for _ in range(10):
        listener_api.send("DELETE", "/api/v1/me", {"password": "wrong"})
    assert listener_api.send("DELETE", "/api/v1/me", {"password": PASSWORD}).status_code == 403
    assert User.objects.get() == listener


def test_guest_deletes_everything_without_a_password(db):
    guest = GuestFactory()
    browser = Client()
    session = browser.session
    session[GUEST_SESSION_KEY] = guest.pk
    session.save()
    browser.cookies["sessionid"] = session.session_key
    assert browser.delete("/api/v1/me").status_code == 204
    assert not User.objects.exists()


def test_service_deletes_a_listener_without_account(service_api):
    ListenerFactory(email=None, user_id="front-end:1")
    response = service_api.send("DELETE", "/api/v1/me?user_id=front-end:1")
    assert response.status_code == 204
    assert User.objects.count() == 0


def test_service_must_name_a_listener(service_api):
    response = service_api.send("GET", "/api/v1/me")
    assert response.status_code == 400
    assert list(response.json()["fields"]) == ["user_id"]


GETS = [
    "liked-songs", "liked-songs/export", "dismissals", "me", "me/suggestions",
    "me/suggestions/export", "me/taste", "me/export", "steering", "mixes",
    "shares",
]  # fmt: skip


@pytest.mark.parametrize("address", GETS)
def test_get_by_a_service_key_makes_nobody(service_api, songs, address):
    response = service_api.send("GET", f"/api/v1/{address}?user_id=front-end:9")
    assert response.status_code == 200
    assert not User.objects.exists()


def test_every_get_about_a_listener_is_among_those_that_make_nobody():
    rows = {row.address.partition("?")[0] for row in ABOUT_A_LISTENER if row.method == "GET"}
    ours = {row.removeprefix("/api/v1/") for row in rows}
    of_one_thing = {"imports/{import}", "imports/{import}/rows", "liked-songs/{like}"}
    of_one_thing |= {"dismissals/{reference}", "steering/artist/other"}
    of_one_thing |= {"mixes/{mix}", "mixes/{mix}/export", "shares/{share}"}
    assert ours - {"/liked-songs", *of_one_thing} == set(GETS)


def test_whom_a_service_key_names_is_stored_with_the_first_thing_that_is_kept(service_api, songs):
    VideoFactory(video_id="video", song=SongFactory(artist="Other", title="Song"))
    kept = set()
    for row in ABOUT_A_LISTENER:
        if row.method in {"POST", "PATCH"} and "{" not in row.address:
            answer = service_api.send(
                row.method, row.address, row.body | {"user_id": "front-end:9"}
            )
            assert answer.status_code < 300, (row.address, answer.json())
            connection.check_constraints()
            if User.objects.all().delete()[0]:
                kept.add(row.address.removeprefix("/api/v1/"))
    assert kept == {
        *("/suggestions", "suggestions", "liked-songs", "liked-songs/many", "dismissals"),
        *("steering", "playbacks", "imports", "video-reports", "mixes", "shares", "me"),
    }


READS = [("GET", "me", None), ("GET", "liked-songs", None), ("POST", "discover", {"query": "rock"})]
WRITES = [
    ("PATCH", "me", {"display_name": "Ada"}),
    ("POST", "liked-songs", {"song_name": "Song"}),
    ("DELETE", "dismissals/artist/song", None),
    ("DELETE", "me", {"password": PASSWORD}),
]


@pytest.mark.parametrize(("scopes", "may_read", "may_write"), [("read", 1, 0), ("write", 0, 1)])
def test_scopes_say_what_a_token_may_do(listener, songs, scopes, may_read, may_write):
    token, secret = AccessToken.issue(user=listener, name="program", scopes=scopes)
    token.save()
    program = ApiClient(secret)
    for allowed, requests in ((may_read, READS), (may_write, WRITES)):
        for method, address, body in requests:
            response = program.send(method, f"/api/v1/{address}", body)
            assert (response.status_code != 403) == bool(allowed), address


def test_songs_named_with_a_token_that_only_reads_are_not_kept(listener, songs):
    token, secret = AccessToken.issue(user=listener, name="program", scopes="read")
    token.save()
    for address in ("/suggestions", "/api/v1/suggestions"):
        response = ApiClient(secret).send("POST", address, {"songs": [str(songs[0])]})
        assert (response.status_code, UserLikedSong.objects.count()) == (200, 0)
        assert len(response.json()["suggestions"]) == 10


def test_service_key_that_may_not_act_names_nobody(listener, songs):
    key, secret = ServiceKey.issue(name="front end", scopes="read write")
    key.save()
    front_end = ApiClient(secret)
    for user_id in (listener.user_id, "unknown"):
        body = {"songs": [str(songs[0])], "user_id": user_id}
        assert front_end.send("POST", "/suggestions", body).status_code == 403
    assert front_end.send("POST", "/suggestions", {"songs": [str(songs[0])]}).status_code == 200


def test_expired_token_is_refused(listener):
    soon = timezone.now() + timedelta(days=1)
    token, secret = AccessToken.issue(user=listener, name="program", expires_at=soon)
    token.save()
    assert ApiClient(secret).send("GET", "/api/v1/me").status_code == 200
    AccessToken.objects.update(expires_at=timezone.now())
    assert ApiClient(secret).send("GET", "/api/v1/me").status_code == 401


def test_token_is_made_with_scopes_and_an_end(browser):
    asked = '{"name": "phone", "scopes": ["read"], "expires_in_days": 30}'
    made = send(browser, "POST", "/api/v1/me/tokens", asked).json()
    assert made["scopes"] == ["read"]
    [token] = AccessToken.objects.all()
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=31)
    listed = browser.get("/api/v1/me/tokens").json()
    assert listed[0]["expires_at"].startswith(token.expires_at.date().isoformat())


@pytest.mark.parametrize(
    "wrong",
    [{"scopes": ["act"]}, {"scopes": []}, {"scopes": "read"}, {"expires_in_days": 0}]
    + [{"expires_in_days": value} for value in (3651, "30", 10**400)],
)
def test_token_that_cannot_be_is_400_naming_the_field(browser, wrong):
    body = json.dumps({"name": "phone", **wrong})
    response = send(browser, "POST", "/api/v1/me/tokens", body)
    assert response.status_code == 400
    assert list(response.json()["fields"]) == list(wrong)


def test_token_is_made_used_listed_and_revoked(browser, listener):
    made = send(browser, "POST", "/api/v1/me/tokens", '{"name": "phone"}').json()
    program = ApiClient(made["token"])
    assert program.send("GET", "/api/v1/me").json()["user_id"] == listener.user_id
    listed = browser.get("/api/v1/me/tokens").json()
    assert [token["name"] for token in listed] == ["phone"]
    assert "token" not in listed[0]
    assert made["token"] not in str(AccessToken.objects.values())
    assert browser.get(f"/api/v1/me/tokens/{made['id']}").json() == listed[0]
    assert browser.delete(f"/api/v1/me/tokens/{made['id']}").status_code == 204
    assert program.send("GET", "/api/v1/me").status_code == 401
    assert browser.get("/api/v1/me/tokens").json() == []


def test_token_under_a_key_is_made_once(browser, listener):
    def ask(key="k", **changed):
        body = json.dumps({"name": "phone", "expires_in_days": 30} | changed)
        headers = {"Idempotency-Key": key}
        return browser.post("/api/v1/me/tokens", body, "application/json", headers=headers)

    made = ask().json()
    assert ask().json() == made
    assert ApiClient(made["token"]).send("GET", "/api/v1/me").status_code == 200
    for changed in ({"name": "other"}, {"expires_in_days": 31}, {"scopes": ["read"]}):
        refused = ask(**changed)
        assert (refused.status_code, refused.json()["code"]) == (409, "key_used"), changed
    assert ask("k2").json()["token"] != made["token"]
    assert AccessToken.objects.count() == 2
    browser.delete(f"/api/v1/me/tokens/{made['id']}")
    assert ask().status_code == 409
    other = Client()
    other.force_login(ListenerFactory(), "django.contrib.auth.backends.ModelBackend")
    browser = other
    assert ask().json()["token"] != made["token"]


def test_too_many_tokens_are_refused(browser, listener):
    for n in range(MAX_TOKENS):
        token, _ = AccessToken.issue(user=listener, name=str(n))
        token.save()
    response = send(browser, "POST", "/api/v1/me/tokens", '{"name": "one more"}')
    assert (response.status_code, response.json()["code"]) == (409, "not_now")
    assert AccessToken.objects.count() == MAX_TOKENS


def test_browser_needs_the_csrf_token_to_write(listener):
    client = Client(enforce_csrf_checks=True)
    client.force_login(listener)
    assert client.get("/api/v1/me").status_code == 200
    refused = send(client, "PATCH", "/api/v1/me", '{"display_name": "Ada"}')
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
