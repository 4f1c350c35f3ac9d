"""Too many requests of one caller are refused, whatever it claims to be."""

import pytest

from music.api import throttles
from music.caching.request_counts import RequestCounter
from music.pages import throttle
from tests.music.caching.test_request_counts import Clock, alone


@pytest.fixture
def fresh_counter(monkeypatch):
    counter = RequestCounter(alone, Clock())
    monkeypatch.setattr(throttles, "counter", counter)
    monkeypatch.setattr(throttle, "counter", counter)


@pytest.mark.usefixtures("fresh_counter")
def test_too_many_requests_are_answered_429_with_retry_after(client, settings):
    settings.ANONYMOUS_REQUESTS_PER_MINUTE = 2
    answers = [client.get("/api/v1/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "60"
    assert answers[2].json()["code"] == "throttled"
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert {(a["RateLimit-Limit"], a["RateLimit-Reset"]) for a in answers} == {("2", "60")}


@pytest.mark.usefixtures("fresh_counter")
def test_spoofed_forwarding_header_is_the_same_caller(client, settings):
    settings.ANONYMOUS_REQUESTS_PER_MINUTE = 1
    first = client.get("/api/v1/", headers={"X-Forwarded-For": "198.51.100.1"})
    second = client.get("/api/v1/", headers={"X-Forwarded-For": "198.51.100.2"})
    assert [first.status_code, second.status_code] == [200, 429]
