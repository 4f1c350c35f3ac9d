"""What error answers mean: stored ones, documented ones, and things that are none."""

import json
from pathlib import Path

import pytest

from music.youtube.refusals import RefusalMeaning, is_from_api, read_refusal
from tests.servers.youtube_api import refusals as answers
from tests.servers.youtube_api.handler import BODIES

DATA = Path(__file__).parents[2] / "data" / "youtube"


@pytest.mark.parametrize(
    ("path", "status", "meaning"),
    [
        ("refusals/quota_exceeded.json", 403, RefusalMeaning.QUOTA_GONE),
        ("refusals/playlist_not_found.json", 404, RefusalMeaning.NOT_FOUND),
        ("recorded/error_response.json", 400, RefusalMeaning.KEY_WRONG),
        ("recorded/error_response_simple.json", 400, RefusalMeaning.BAD_REQUEST),
        ("recorded/error_permission_resp.json", 403, RefusalMeaning.BAD_REQUEST),
    ],
)
def test_stored_refusals(path, status, meaning):
    assert read_refusal(status, (DATA / path).read_bytes()).meaning is meaning


@pytest.mark.parametrize(
    ("refused", "meaning"),
    [
        (answers.quota_exceeded(), RefusalMeaning.QUOTA_GONE),
        (answers.search_quota_exceeded(), RefusalMeaning.QUOTA_GONE),
        (answers.rate_limit_exceeded(), RefusalMeaning.TRY_AGAIN),
        (answers.too_many_requests(), RefusalMeaning.TRY_AGAIN),
        (answers.key_invalid(), RefusalMeaning.KEY_WRONG),
        (answers.key_invalid_old(), RefusalMeaning.KEY_WRONG),
        (answers.key_missing(), RefusalMeaning.KEY_WRONG),
        (answers.access_not_configured(), RefusalMeaning.KEY_WRONG),
        (answers.playlist_not_found(), RefusalMeaning.NOT_FOUND),
        (answers.playlist_private(), RefusalMeaning.NOT_FOUND),
        (answers.chart_not_found(), RefusalMeaning.NOT_FOUND),
        (answers.backend_error(), RefusalMeaning.TRY_AGAIN),
        (answers.bad_request("invalidParameter", "Invalid value"), RefusalMeaning.BAD_REQUEST),
    ],
)
def test_documented_refusals(refused, meaning):
    body = json.dumps(refused.body).encode()
    assert read_refusal(refused.status, body).meaning is meaning


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"x"', b"<html>", b'{"error": null}', b'{"error": {"errors": 3}}',
     b'{"error": {"errors": ["quotaExceeded"]}}', b"\xff\xfe", b"[" * 100_000],
)  # fmt: skip
def test_bodies_that_say_nothing_are_judged_by_status(body):
    assert read_refusal(500, body).meaning is RefusalMeaning.TRY_AGAIN
    assert read_refusal(403, body).meaning is RefusalMeaning.BAD_REQUEST
    assert read_refusal(404, body).meaning is RefusalMeaning.NOT_FOUND
    assert read_refusal(302, body).meaning is RefusalMeaning.TRY_AGAIN


def test_reason_that_is_no_code_is_dropped():
    body = json.dumps({"error": {"errors": [{"reason": "key AIza-secret"}]}}).encode()
    assert read_refusal(400, body).reason == ""


@pytest.mark.parametrize("make", [answers.key_missing, answers.too_many_requests])
def test_refusals_are_known_to_be_from_the_api(make):
    assert is_from_api(json.dumps(make().body).encode())


def test_answer_of_a_server_that_wants_no_key_is_from_the_api():
    assert is_from_api(b'{"kind": "youtube#videoListResponse", "items": []}')


@pytest.mark.parametrize(
    "body",
    [
        *BODIES.values(),
        b'{"error": "login"}',
        b'{"error": {"message": "login"}}',
        b'{"kind": 1}',
        b"{}",
        b"[" * 100_000,
    ],
)
def test_what_other_servers_say_is_not_from_the_api(body):
    assert not is_from_api(body)
