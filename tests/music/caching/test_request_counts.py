"""Requests counted by all processes together, and by nobody when Redis is away."""

import time

import pytest

from music.caching import request_counts
from music.caching.request_counts import LIFE_SECONDS, RequestCounter, add_requests


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
    monkeypatch.setattr(request_counts, "MAX_CALLERS", 10)
    counter = RequestCounter(alone)
    for n in range(100):
        counter.admit(str(n), 5)
    assert len(counter._counts) <= 10


def test_request_is_charged_what_it_cost_for_this_minute_only():
    clock = Clock()
    counter = RequestCounter(alone, clock)
    assert counter.admit("a", 10)
    counter.charge("a", 8)
    counter.charge("b", 100)  # was never admitted: of another minute
    assert count_admitted(counter, "a", 10, 5) == 1
    assert counter.admit("b", 10)
    clock.now += 60
    assert count_admitted(counter, "a", 10, 20) == 10


def test_without_redis_nothing_is_counted():
    assert add_requests("1:a", 1) is None


def test_counts_of_all_add_up_and_expire(redis):
    assert add_requests("1:a", 1) == 1
    assert add_requests("1:a", 5) == 6
    assert add_requests("2:a", 1) == 1
    keys = redis.keys("requests:*")
    assert len(keys) == 2
    assert all(0 < redis.ttl(key) <= LIFE_SECONDS for key in keys)


def test_address_of_the_caller_stays_in_the_process(redis):
    add_requests("1:a:203.0.113.7", 1)
    assert b"203" not in b"".join(redis.keys())


def test_processes_share_one_limit(redis):
    clock = lambda: 600.0  # noqa: E731
    workers = [RequestCounter(add_requests, clock) for _ in range(3)]
    assert sum(workers[n % 3].admit("a", 10) for n in range(60)) == 10


@pytest.mark.parametrize("trouble", ["kill", "freeze"])
def test_redis_in_trouble_refuses_and_holds_up_nobody(redis, redis_server, settings, trouble):
    counter = RequestCounter(add_requests, lambda: 600.0)
    assert counter.admit("a", 100)
    getattr(redis_server, trouble)()
    try:
        started = time.perf_counter()
        assert sum(counter.admit("a", 100) for _ in range(200)) == 99
        waited = time.perf_counter() - started
    finally:
        redis_server.thaw() if trouble == "freeze" else redis_server.start()
    assert waited < 10 * settings.REDIS_TIMEOUT_SECONDS
