"""Which Redis is opened: one, or the one that Sentinels name, also after a failover under load."""

import threading
import time

import pytest
from huey import RedisHuey

from music.caching import keys, parts, stack
from music.caching.redis_servers import open_pool, open_redis
from tests.servers.redis import RedisServer
from tests.servers.sentinels import WatchedRedis
from tests.waiting import wait_until
from tunetrace_site.env import WrongVariable
from tunetrace_site.redis_address import parse_redis_url, read_redis_url

from .conftest import reset_breaker, use_redis


@pytest.fixture(scope="module")
def watched():
    with WatchedRedis() as servers:
        yield servers


@pytest.fixture
def use_sentinel(watched, settings):
    settings.REDIS_TIMEOUT_SECONDS = 0.5
    use_redis(settings, watched)
    yield watched
    reset_breaker()


def test_sentinels_name_the_primary_for_the_cache_and_for_jobs(use_sentinel):
    primary = use_sentinel.find_primary()
    assert parts.client.call(lambda redis: redis.set("a", "1")) is True
    with primary.connect() as connection:
        assert connection.get("a") == b"1"
    queue = RedisHuey("test", connection_pool=open_pool(use_sentinel.url, socket_timeout=1))
    queue.storage.enqueue(b"work")
    assert queue.storage.dequeue() == b"work"


def test_primary_that_is_killed_under_load_is_replaced_without_an_error(use_sentinel):
    """Nobody sees more than a cache that is away: lists are computed, and shared again after."""
    heard, outcomes, done = [], [], threading.Event()

    def ask() -> None:
        n_asked = 0
        while not done.is_set():
            n_asked += 1
            key = keys.suggestions_key(seeds=[f"song {n_asked}"])
            began = time.monotonic()
            try:
                answer = stack.suggestions.fetch(key, lambda n=n_asked: {"n": n})
                outcomes.append((answer == {"n": n_asked}, time.monotonic() - began))
            except Exception as error:
                outcomes.append((repr(error), 0.0))
            time.sleep(0.005)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    try:
        wait_until(lambda: len(outcomes) > 20)
        first = use_sentinel.find_primary()
        first.kill()
        wait_until(lambda: use_sentinel.find_primary() is not first)
        wait_until(lambda: parts.client.call(lambda redis: redis.set("b", "2")))
        n_before = len(outcomes)
        wait_until(lambda: len(outcomes) > n_before + 20)
    finally:
        done.set()
        for asker in askers:
            asker.join()
    assert {outcome for outcome, _ in outcomes} == {True}
    with use_sentinel.find_primary().connect() as connection:
        assert connection.get("b") == b"2"
        assert connection.keys("suggestions:*") != []
    first.start()
    with open_redis(use_sentinel.url, socket_timeout=1) as redis:
        heard.append(redis.get("b"))
    assert heard == [b"2"]


def test_node_of_a_cluster_is_told_from_a_redis_that_is_away(settings, caplog):
    """It answers each key with the address of another server: said once, and the site goes on."""
    node = RedisServer("--cluster-enabled", "yes")
    while node.port > 55_000:  # nodes talk to each other 10,000 above
        node = RedisServer("--cluster-enabled", "yes")
    with node as server:
        settings.REDIS_TIMEOUT_SECONDS = 0.5
        use_redis(settings, server)
        parts.client.knows_no_cluster = True
        for _ in range(2):
            assert parts.client.call(lambda redis: redis.set("a", "1")) is None
        said = [record.getMessage() for record in caplog.records]
        assert [text for text in said if "Cluster" in text] == [
            "REDIS_URL names a node of a Redis Cluster, which cannot be used: see docs/choices.md"
        ]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis+sentinel://a:1,b/main/2", ((("a", 1), ("b", 26379)), "main", 2, None, False)),
        ("rediss+sentinel://u:p%40@[::1]:7/main", ((("::1", 7),), "main", 0, "p@", True)),
        ("valkey+sentinel://a/main", ((("a", 26379),), "main", 0, None, False)),
    ],
)
def test_url_of_sentinels_is_taken_apart(monkeypatch, url, expected):
    monkeypatch.setenv("REDIS_URL", url)
    found = parse_redis_url(read_redis_url("REDIS_URL"))
    parts_of_it = (found.sentinels, found.service, found.database, found.password, found.has_tls)
    assert parts_of_it == expected


@pytest.mark.parametrize("scheme", ["redis", "valkey", "rediss", "valkeys"])
def test_valkey_is_spoken_to_as_redis(monkeypatch, scheme):
    monkeypatch.setenv("REDIS_URL", f"{scheme}://:secret@cache:6379/1")
    found = parse_redis_url(read_redis_url("REDIS_URL"))
    assert found.url == f"{scheme.replace('valkey', 'redis')}://:secret@cache:6379/1"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis+cluster://:secret@a:1", "names a Redis Cluster, which TuneTrace cannot use"),
        ("redis+sentinel://:secret@a:1", "is not valid: use a URL that starts with"),
        ("redis+sentinel://:secret@a:x/main", "is not valid: use"),
        ("redis+sentinel://:secret@a:1/main/x", "is not valid: use"),
        ("redis+sentinel://:secret@/main", "is not valid: use"),
        ("http://:secret@a", "is not valid: use"),
        ("redis://:secret@a:1,b:2", "is not valid: use a well-formed URL"),
        ("cache:6379", "a text without a scheme"),
    ],
)
def test_wrong_url_is_refused_by_its_name_and_without_its_password(monkeypatch, url, problem):
    monkeypatch.setenv("REDIS_URL", url)
    with pytest.raises(WrongVariable, match=f"^REDIS_URL=.*{problem}") as caught:
        read_redis_url("REDIS_URL")
    assert "secret" not in str(caught.value)
