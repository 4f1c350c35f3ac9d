"""What nobody honest sends: each is a 4xx that says what is wrong, and leaves nothing behind."""

import json

import pytest

from accounts.models import User
from music.models import Dismissal, PlaylistImport, UserLikedSong

SUGGESTIONS = ("/suggestions", "/api/v1/suggestions")
WRITES = [
    ("POST", "/suggestions"),
    ("POST", "/discover"),
    ("POST", "/api/v1/suggestions"),
    ("POST", "/api/v1/discover"),
    ("POST", "/api/v1/liked-songs"),
    ("PATCH", "/api/v1/liked-songs/1"),
    ("POST", "/api/v1/dismissals"),
    ("POST", "/api/v1/playbacks"),
    ("POST", "/api/v1/imports"),
    ("PATCH", "/api/v1/me"),
]


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(listener):
    yield
    assert list(User.objects.all()) == [listener]
    for model in (UserLikedSong, Dismissal, PlaylistImport):
        assert model.objects.count() == 0
    listener.refresh_from_db()
    assert listener.display_name == ""


def send_bytes(client, method: str, address: str, body: bytes, content_type="application/json"):
    return client.generic(method, address, body, content_type)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"songs=Yesterday",
        b'{"songs": ["Yesterday"]} and more',
        b'{"songs": NaN}',
        b'{"songs": ["\xff\xfe"]}',
        b'\xef\xbb\xbf{"songs": ["Yesterday"]}',
        b"[" * 5000,
        b'{"a": 1, "a": 2}',
        b"null",
        b"[]",
        b'"Yesterday"',
        b"5",
        b"true",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_body_that_is_no_json_object_is_400(listener_api, body):
    for method, address in WRITES:
        response = send_bytes(listener_api, method, address, body)
        assert response.status_code == 400, address
        assert response.json()["detail"]


def test_unknown_field_is_400_naming_it(listener_api):
    for method, address in WRITES:
        response = listener_api.send(method, address, {"songz": ["Yesterday"]})
        assert response.status_code == 400, address
        assert list(response.json()["fields"]) == ["songz"]


def test_ten_megabytes_are_413(listener_api):
    body = json.dumps({"songs": ["a" * 10_000_000]}).encode()
    for method, address in WRITES:
        response = send_bytes(listener_api, method, address, body)
        assert response.status_code == 413, address
        assert "262144 bytes" in response.json()["detail"]


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/xml",
        "application/json5",
        "x",
    ],
)
def test_wrong_content_type_is_415(listener_api, content_type):
    for method, address in WRITES:
        response = send_bytes(listener_api, method, address, b'{"songs": ["a"]}', content_type)
        assert response.status_code == 415, address
        assert response.json()["detail"]


def test_multipart_is_415(listener_api):
    response = listener_api.post("/suggestions", {"songs": ["Yesterday"]})
    assert response.status_code == 415


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "bz2_codec", "no-such-charset"])
def test_charset_that_is_announced_wrongly_is_still_read_as_utf8(listener_api, charset):
    body = '{"songs": ["Qwxzé"], "limit": 0}'.encode()
    response = send_bytes(
        listener_api, "POST", "/suggestions", body, f"application/json; charset={charset}"
    )
    assert response.status_code == 400
    assert list(response.json()["fields"]) == ["limit"]


@pytest.mark.parametrize("address", SUGGESTIONS)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "TRACE", "BREW"])
def test_wrong_method_is_405(listener_api, address, method):
    response = listener_api.send(method, address)
    assert response.status_code == 405
    assert response["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("address", SUGGESTIONS)
@pytest.mark.parametrize(
    ("songs", "why"),
    [
        ([], "no song"),
        (["Yesterday"] * 51, "51 songs"),
        ([""], "empty"),
        (["   "], "spaces"),
        (["\u200b\u200b"], "invisible"),
        (["?!.,;:-–—…"], "punctuation"),
        (["🎵🎶"], "emoji"),
        (["Yesterday", "…"], "one of two is punctuation"),
        (["a" * 201], "201 characters"),
        (["Yester\x00day"], "NUL"),
        (["Yester\x07day"], "bell"),
        (["Yester\x1b[2Jday"], "escape"),
        (["Yester\x7fday"], "delete"),
        (["Yester\u0085day"], "C1 control"),
        (["Yester\ud83dday"], "high surrogate"),
        (["\udc00"], "low surrogate"),
        ([None], "null"),
        ([5], "number"),
        ([True], "truth"),
        ([["Yesterday"]], "list"),
        ([{"title": "Yesterday"}], "object"),
        ("Yesterday", "text"),
        ({"0": "Yesterday"}, "object for a list"),
        (None, "null for a list"),
        (5, "number for a list"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isprintable() else "songs",
)
def test_songs_that_cannot_be_are_400_naming_them(listener_api, address, songs, why):
    response = listener_api.send("POST", address, {"songs": songs})
    assert response.status_code == 400
    assert list(response.json()["fields"]) == ["songs"]


@pytest.mark.parametrize(
    "user_id", ["", " ", "\x00", "a\nb\x07", "\ud800", "a" * 256, 5, True, [], {}]
)
@pytest.mark.parametrize("address", SUGGESTIONS)
def test_user_id_that_cannot_be_is_400_naming_it(service_api, address, user_id):
    body = {"songs": ["Yesterday"], "user_id": user_id}
    response = service_api.send("POST", address, body)
    assert response.status_code == 400
    assert list(response.json()["fields"]) == ["user_id"]


@pytest.mark.parametrize("user_id", ["", "%20", "%00", "a%07", "a" * 256])
@pytest.mark.parametrize("address", ["/liked-songs", "/api/v1/liked-songs", "/api/v1/me"])
def test_user_id_in_the_address_that_cannot_be_is_400_naming_it(service_api, address, user_id):
    response = service_api.send("GET", f"{address}?user_id={user_id}")
    assert response.status_code == 400
    assert list(response.json()["fields"]) == ["user_id"]


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer ttu_wrong",
        "Bearer tts_wrong",
        "Bearer ttu_\xff\xfe",
        "Bearer ttu_a ttu_b",
        f"Bearer ttu_{'a' * 5000}",
        "bearer tts_\x00",
    ],
)
def test_credentials_that_are_none_are_401(api, header):
    api.defaults["HTTP_AUTHORIZATION"] = header
    response = api.send("POST", "/suggestions", {"songs": ["Yesterday"]})
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "accept", ["application/json", "*/*", "text/html", "application/xml, */*;q=0.1", "", "nonsense"]
)
def test_error_is_readable_whatever_is_accepted(listener_api, accept):
    listener_api.defaults["HTTP_ACCEPT"] = accept
    response = listener_api.send("POST", "/suggestions", {})
    assert response.status_code in {400, 406}
    assert response.content


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/nowhere",
        "/api/v1/%00",
        "/api/v1/%F0%9F%8E%B5",
        "/api/v1/a%0Ab",
        "/api/v1/../admin",
        "/api/v1/liked-songs/1/2/3",
        f"/api/v1/{'a' * 5000}",
    ],
)
def test_address_with_nothing_is_404_in_json(api, address):
    response = api.send("GET", address)
    assert response.status_code == 404
    assert response.json()["code"] == "not_found"
