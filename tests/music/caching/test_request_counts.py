"""Requests counted by all processes together, and by nobody when Redis is away."""

import time

import pytest

from music.api.throttles import RequestCounter
from music.caching.request_counts import LIFE_SECONDS, add_requests


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
