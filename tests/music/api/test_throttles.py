"""Counting requests: alone, together with other processes, and in a new minute."""

import pytest

from music.api import throttles
from music.api.throttles import RequestCounter, shorten_address


class Clock:
    now = 600.0

    def __call__(self) -> float:
        return self.now


class SharedCounts:
    """What Redis does for the processes: add and return the sum."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.n_reports = 0

    def __call__(self, key: str, n_requests: int) -> int:
        self.n_reports += 1
        self.counts[key] = self.counts.get(key, 0) + n_requests
        return self.counts[key]


def alone(key: str, n_requests: int) -> None:
    return None


def count_admitted(counter: RequestCounter, caller: str, limit: int, n_requests: int) -> int:
    return sum(counter.admit(caller, limit) for _ in range(n_requests))


@pytest.mark.parametrize("limit", [1, 5, 120, 1000])
def test_process_alone_admits_exactly_the_limit(limit):
    assert count_admitted(RequestCounter(alone), "a", limit, limit * 2) == limit


def test_callers_are_counted_apart():
    counter = RequestCounter(alone)
    assert count_admitted(counter, "a", 3, 10) == 3
    assert count_admitted(counter, "b", 3, 10) == 3


def test_new_minute_starts_from_zero():
    clock = Clock()
    counter = RequestCounter(alone, clock)
    assert count_admitted(counter, "a", 3, 10) == 3
    assert counter.seconds_left() == 60.0
    clock.now += 59.0
    assert count_admitted(counter, "a", 3, 10) == 0
    assert counter.seconds_left() == 1.0
    clock.now += 1.0
    assert count_admitted(counter, "a", 3, 10) == 3


@pytest.mark.parametrize("limit", [1, 5, 16])
def test_processes_together_admit_exactly_a_small_limit(limit):
    shared = SharedCounts()
    workers = [RequestCounter(shared, Clock()) for _ in range(4)]
    assert sum(workers[n % 4].admit("a", limit) for n in range(limit * 8)) == limit


def test_processes_together_stay_near_a_large_limit_and_report_seldom():
    shared = SharedCounts()
    workers = [RequestCounter(shared, Clock()) for _ in range(4)]
    admitted = sum(workers[n % 4].admit("a", 320) for n in range(3200))
    assert 320 <= admitted <= 320 + 4 * 20
    assert shared.n_reports <= 24


def test_redis_that_fails_in_between_refuses_nobody_within_the_limit():
    answers = iter([1, None, None, 4, 5])
    counter = RequestCounter(lambda key, n: next(answers), Clock())
    assert count_admitted(counter, "a", 5, 5) == 5


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(throttles, "MAX_CALLERS", 10)
    counter = RequestCounter(alone)
    for n in range(100):
        counter.admit(str(n), 5)
    assert len(counter._counts) <= 10


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2::99", "2001:0db8:0001:0002"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        (None, ""),
        ("not:an:address", "not:an:address"),
    ],
)
def test_ipv6_callers_are_counted_by_network(address, counted_as):
    assert shorten_address(address) == counted_as


@pytest.fixture
def fresh_counter(monkeypatch):
    monkeypatch.setattr(throttles, "counter", RequestCounter(alone, Clock()))


@pytest.mark.usefixtures("fresh_counter")
def test_too_many_requests_are_answered_429_with_retry_after(client, settings):
    settings.ANONYMOUS_REQUESTS_PER_MINUTE = 2
    answers = [client.get("/api/v1/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "60"
    assert answers[2].json()["code"] == "throttled"


@pytest.mark.usefixtures("fresh_counter")
def test_spoofed_forwarding_header_is_the_same_caller(client, settings):
    settings.ANONYMOUS_REQUESTS_PER_MINUTE = 1
    first = client.get("/api/v1/", headers={"X-Forwarded-For": "198.51.100.1"})
    second = client.get("/api/v1/", headers={"X-Forwarded-For": "198.51.100.2"})
    assert [first.status_code, second.status_code] == [200, 429]
