"""Redis that is down, frozen, slow, full, restarting or answering garbage: nobody notices."""

import socket
import threading
import time

import pytest

from music.caching import keys, parts, stack
from tests.servers.redis import RedisServer
from tests.waiting import wait_until

from .conftest import reset_breaker, use_redis


@pytest.fixture
def server(settings):
    with RedisServer() as server:
        use_redis(settings, server)
        yield server
    reset_breaker()


def _fetch(name, value="computed"):
    return stack.suggestions.fetch(keys.suggestions_key(seeds=[name]), lambda: value)


def _timed(action):
    started_at = time.monotonic()
    action()
    return time.monotonic() - started_at


def test_redis_down_costs_nobody_anything_and_is_used_again_when_back(server):
    _fetch("before")
    server.kill()
    assert [_fetch(f"down {n}") for n in range(20)] == ["computed"] * 20
    assert parts.redis.describe_state() == "down"
    server.start()
    wait_until(lambda: parts.redis.describe_state() == "on", seconds=5)
    _fetch("after")
    assert server.connect().exists(keys.suggestions_key(seeds=["after"])) == 1


@pytest.mark.django_db
def test_failed_calls_are_counted_as_errors_of_the_tier(server):
    def count_errors():
        return next(report.errors for report in stack.report_tiers() if report.name == "redis")

    before = count_errors()
    server.kill()
    _fetch("fails")
    assert count_errors() == before + 1


def test_what_was_in_redis_is_still_served_when_it_goes_down(server):
    _fetch("kept", "before")
    parts.near.clear()
    server.kill()
    _fetch("opens the breaker")
    assert _fetch("kept", "computed again") == "before"


def test_redis_frozen_makes_one_request_wait_one_time_out(server, settings):
    _fetch("before")
    n_failed = parts.client.errors.value
    server.freeze()
    waits = [_timed(lambda n=n: _fetch(f"frozen {n}")) for n in range(20)]
    server.thaw()
    assert waits[0] >= settings.REDIS_TIMEOUT_SECONDS
    assert parts.client.errors.value == n_failed + 1
    wait_until(lambda: parts.redis.describe_state() == "on", seconds=5)


def test_threads_do_not_queue_up_behind_a_frozen_redis(server, settings):
    settings.REDIS_TIMEOUT_SECONDS = 1.0
    use_redis(settings, server)
    _fetch("before")
    server.freeze()
    waits = []
    threads = [
        threading.Thread(target=lambda n=n: waits.append(_timed(lambda: _fetch(f"thread {n}"))))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    server.thaw()
    assert [wait > 0.9 for wait in sorted(waits)] == [False] * 7 + [True]


def test_no_request_is_used_as_a_probe(server):
    server.freeze()
    _fetch("opens")
    n_failed = parts.client.errors.value  # of requests: a failed probe is not counted
    give_up_at = time.monotonic() + 0.5  # several probe periods of 0.1 s
    while time.monotonic() < give_up_at:
        _fetch(str(time.monotonic()))
    server.thaw()
    assert parts.client.errors.value == n_failed


def test_a_full_redis_is_read_and_not_an_error(server):
    _fetch("before")
    connection = server.connect()
    connection.config_set("maxmemory-policy", "noeviction")
    connection.config_set("maxmemory", "1")
    assert [_fetch("full"), _fetch("full", "again")] == ["computed"] * 2
    assert parts.redis.describe_state() == "on"
    parts.near.clear()
    assert _fetch("before", "not asked") == "computed"


GARBAGE = [
    b"\xff\xfe\x00",
    b"",
    b"{}",
    b"[]",
    b"null",
    b'"x"',
    b'{"generation":"-"}',
    b"[" * 100_000,
    b'{"kind":"json","value":1,"fresh_until":"soon","stale_seconds":1,"generation":"-"}',
    b'{"kind":"suggestion_list","value":{"suggestions":[{"x":1}]},"fresh_until":9e9,'
    b'"stale_seconds":1,"generation":"-"}',
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_in_an_entry_is_a_miss_and_is_replaced(server, garbage):
    key = keys.suggestions_key(seeds=["garbage"])
    server.connect().set(key, garbage)
    assert _fetch("garbage") == "computed"
    assert parts.redis.describe_state() == "on"
    parts.near.clear()
    assert _fetch("garbage", "not asked") == "computed"


def test_an_entry_of_another_type_is_a_miss_and_is_replaced(server):
    key = keys.suggestions_key(seeds=["typed"])
    server.connect().rpush(key, "a", "b")
    server.connect().rpush("generation:suggestions", "a")
    assert _fetch("typed") == "computed"
    parts.near.clear()
    assert _fetch("typed", "not asked") == "computed"


def test_something_that_is_not_redis_opens_the_breaker(settings, server):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def babble():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n:abc\r\n")

        threading.Thread(target=babble, daemon=True).start()

        class Babbler:
            url = f"redis://127.0.0.1:{listener.getsockname()[1]}/0"

        use_redis(settings, Babbler)
        assert [_fetch(f"babble {n}") for n in range(5)] == ["computed"] * 5
        assert parts.redis.describe_state() == "down"


def test_a_lease_whose_owner_died_expires(server, monkeypatch):
    monkeypatch.setattr("music.caching.shared.LEASE_SECONDS", 0.3)
    key = keys.suggestions_key(seeds=["leased"])
    assert parts.redis.try_lease(key) is not None
    assert parts.redis.try_lease(key) is None
    started_at = time.monotonic()
    assert _fetch("leased") == "computed"
    assert 0.1 < time.monotonic() - started_at < 2


def test_a_lease_is_released_by_its_owner_only(server):
    key = keys.suggestions_key(seeds=["leased"])
    lease = parts.redis.try_lease(key)
    server.connect().set(lease.names[0], "somebody else's")
    lease.release()
    assert server.connect().get(lease.names[0]) == b"somebody else's"


def test_leases_taken_together_are_all_taken_or_none(server):
    one, two, three = (keys.suggestions_key(seeds=[name]) for name in ("one", "two", "three"))
    lease = parts.redis.try_lease(two)
    assert parts.redis.try_lease(one, two, three) is None
    assert server.connect().keys("lease:*") == [lease.names[0].encode()]
    lease.release()
    together = parts.redis.try_lease(one, two, three)
    assert len(server.connect().keys("lease:*")) == 3
    assert 0 < server.connect().pttl(together.names[2]) <= 10_000
    together.release()
    assert server.connect().keys("lease:*") == []


def test_a_change_while_redis_is_down_is_told_before_redis_is_used_again(server, tmp_path):
    key = keys.suggestions_key(seeds=["mine"], listener_pk=5)
    stack.suggestions.fetch(key, lambda: "old")
    saved = server.connect().dump(key)
    server.kill()
    stack.suggestions.fetch(keys.suggestions_key(seeds=["opens"]), lambda: 1)
    stack.invalidate_listener(5)
    server.start()
    server.connect().restore(key, 60_000, saved, replace=True)
    wait_until(lambda: parts.redis.describe_state() == "on", seconds=5)
    assert parts.redis.look(key).found is None
    assert stack.suggestions.fetch(key, lambda: "new") == "new"
