"""Every URL and method of the API, by everybody: who may do what.

One row a method; a route or a method without a row fails the test. Each column is what a caller is
answered. ``other`` is another listener who names the first one; ``service`` names the first one
too. Ids in addresses are of things that belong to the first listener.
"""

import json
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from accounts.guests import GUEST_SESSION_KEY
from accounts.models import AccessToken, ServiceKey, User
from music.models import PlaylistImport
from tests.factories import (
    DismissalFactory,
    GuestFactory,
    LikeFactory,
    ListenerFactory,
    SongFactory,
)
from tunetrace_site.checks import list_routes

CALLERS = ("anonymous", "guest", "listener", "token", "other", "service", "staff", "superuser")


@dataclass(frozen=True)
class Row:
    """One method of one route; ``statuses`` are in the order of ``CALLERS``."""

    method: str
    address: str
    statuses: str
    body: dict | None = None
    names_listener: bool = True

    def expected(self, caller: str) -> int:
        return int(self.statuses.split()[CALLERS.index(caller)])


LIKE = {"song_name": "Song 1"}
NAMED = {"songs": ["Artist 1 Song 1"]}
VIDEO = {"video_id": "video-other"}
PLAY = {**VIDEO, "kind": "play"}
FREE_TEXT = {"query": "sad rock"}
LEARN = {"learn": False}
NAME = {"display_name": "Ada"}
TOKEN = {"name": "command line"}

# fmt: off
ABOUT_A_LISTENER = [
    #                                            anon guest list token other serv staff super
    Row("POST", "/suggestions",                  "200 200 200 200 403 200 200 200", NAMED),
    Row("GET", "/liked-songs",                   "401 200 200 200 403 200 200 200"),
    Row("POST", "/api/v1/suggestions",           "200 200 200 200 403 200 200 200", NAMED),
    Row("GET", "/api/v1/liked-songs",            "401 200 200 200 403 200 200 200"),
    Row("POST", "/api/v1/liked-songs",           "401 200 200 200 403 200 200 200", LIKE),
    Row("PATCH", "/api/v1/liked-songs/{like}",   "401 404 200 200 403 200 404 404", LEARN),
    Row("DELETE", "/api/v1/liked-songs/{like}",  "401 404 204 204 403 204 404 404"),
    Row("GET", "/api/v1/dismissals",             "401 200 200 200 403 200 200 200"),
    Row("POST", "/api/v1/dismissals",            "401 200 200 200 403 200 200 200", VIDEO),
    Row("DELETE", "/api/v1/dismissals/{video}",  "401 204 204 204 403 204 204 204"),
    Row("POST", "/api/v1/playbacks",             "401 204 204 204 403 204 204 204", PLAY),
    Row("POST", "/api/v1/imports",               "401 202 202 202 403 202 202 202", NAMED),
    Row("GET", "/api/v1/imports/{import}",       "401 404 200 200 403 200 404 404"),
    Row("GET", "/api/v1/me",                     "401 200 200 200 403 200 200 200"),
    Row("PATCH", "/api/v1/me",                   "401 200 200 200 403 200 200 200", NAME),
    Row("DELETE", "/api/v1/me",                  "401 204 204 204 403 403 204 204"),
    Row("GET", "/api/v1/me/suggestions",         "401 200 200 200 403 200 200 200"),
    Row("GET", "/api/v1/me/taste",               "401 200 200 200 403 200 200 200"),
    Row("GET", "/api/v1/me/export",              "401 200 200 200 403 200 200 200"),
]
ABOUT_NOBODY = [
    #                                            anon guest list token other serv staff super
    Row("POST", "/discover",                     "200 200 200 200 200 200 200 200", FREE_TEXT),
    Row("GET", "/api/v1/",                       "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/schema",                 "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/docs",                   "200 200 200 200 200 200 200 200"),
    Row("POST", "/api/v1/discover",              "200 200 200 200 200 200 200 200", FREE_TEXT),
    Row("GET", "/api/v1/songs?query=song",       "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/songs/{video}",          "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/songs/{video}/similar",  "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/genres",                 "200 200 200 200 200 200 200 200"),
    Row("GET", "/api/v1/me/tokens",              "401 403 200 403 200 403 200 200"),
    Row("POST", "/api/v1/me/tokens",             "401 403 201 403 201 403 201 201", TOKEN),
    Row("DELETE", "/api/v1/me/tokens/{token}",   "401 403 204 403 404 403 404 404"),
    Row("GET", "/api/v1/nowhere",                "404 404 404 404 404 404 404 404"),
]
# fmt: on
ROWS = [*ABOUT_A_LISTENER, *(replace(row, names_listener=False) for row in ABOUT_NOBODY)]


@pytest.fixture
def world(db):
    """The first listener with one of everything, and songs for everybody."""
    songs = SongFactory.create_batch(12)
    SongFactory(video_id="video-other")
    listener = ListenerFactory()
    token, secret = AccessToken.issue(user=listener, name="program")
    token.save()
    key, key_secret = ServiceKey.issue(name="front end")
    key.save()
    job = PlaylistImport.objects.create(
        user=listener, token="0123456789abcdef", pasted_songs=["Artist 1 Song 1"], n_total=1
    )
    return SimpleNamespace(
        listener=listener,
        secrets={"token": secret, "service": key_secret},
        ids={
            "like": LikeFactory(user=listener, video=songs[0]).pk,
            "video": DismissalFactory(user=listener, video=songs[1]).video.video_id,
            "token": token.pk,
            "import": job.token,
        },
    )


def call(world, row: Row, caller: str):
    address, body = row.address.format(**world.ids), dict(row.body or {})
    if row.names_listener and caller in {"other", "service"}:
        if row.method in {"GET", "DELETE"}:
            address += f"?user_id={world.listener.user_id}"
        else:
            body["user_id"] = world.listener.user_id
    client = make_client(world, caller)
    text = json.dumps(body) if body else ""
    return client.generic(row.method, address, data=text, content_type="application/json")


def make_client(world, caller: str) -> Client:
    client = Client()
    if caller in world.secrets:
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {world.secrets[caller]}"
    elif caller == "guest":
        session = client.session
        session[GUEST_SESSION_KEY] = GuestFactory().pk
        session.save()
        client.cookies["sessionid"] = session.session_key
    elif caller != "anonymous":
        client.force_login(sign_in(world, caller))
    return client


def sign_in(world, caller: str) -> User:
    if caller == "listener":
        return world.listener
    powers = {"staff": {"is_staff": True}, "superuser": {"is_staff": True, "is_superuser": True}}
    return ListenerFactory(**powers.get(caller, {}))


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.address}")
def test_caller_is_answered_as_the_table_says(world, row, caller):
    response = call(world, row, caller)
    assert response.status_code == row.expected(caller), response.content[:300]
    if response.status_code == 401:
        assert response["WWW-Authenticate"] == 'Bearer realm="TuneTrace"'
    if response.status_code >= 400:
        assert response.json()["detail"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.address}")
def test_address_with_a_trailing_slash_is_answered_alike(world, row):
    path, question, query = row.address.partition("?")
    slashed = replace(row, address=f"{path.rstrip('/')}/{question}{query}")
    assert call(world, slashed, "listener").status_code == row.expected("listener")


def list_api_methods() -> set[tuple[str, str]]:
    """(route, method) of every view of the API, but for the spelling with a slash at the end."""
    found = set()
    for route, view in list_routes():
        api_view = getattr(view, "cls", None)
        if api_view is None or (route.endswith("/") and route != "api/v1/"):
            continue
        names = view.initkwargs.get("http_method_names", api_view.http_method_names)
        for method in set(names) - {"options", "head", "trace"}:
            if hasattr(api_view, method):
                found.add((route, method.upper()))
    return found


def find_route(address: str) -> str:
    filled = address.partition("?")[0].format_map(
        {"like": "1", "token": "1", "video": "v", "import": "t"}
    )
    try:
        return resolve(filled).route
    except Resolver404:
        return ""


def test_every_route_and_method_of_the_api_has_a_row():
    rows = {(find_route(row.address), row.method) for row in ROWS}
    assert rows - {(r"api/v1/[\s\S]*$", "GET")} == list_api_methods()
