"""The cache that workers agree by: in Redis, and in a file where Redis is not."""

import multiprocessing
import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from music.caching import site_cache
from music.caching.site_cache import SiteCache
from tests.servers.redis import RedisServer

from .conftest import reset_breaker, use_redis


@pytest.fixture(params=["redis", "file"])
def cache(request):
    if request.param == "redis":
        request.getfixturevalue("redis")
    return SiteCache("", {})


def test_what_was_set_is_read_and_deleted(cache):
    cache.set("a", [3, 1.5, "é"], 60)
    assert cache.get("a") == [3, 1.5, "é"]
    assert cache.delete("a")
    assert not cache.delete("a")
    assert cache.get("a", "nothing") == "nothing"


def test_add_stores_the_first_only_until_it_expires(cache):
    assert cache.add("a", 1, 0.05)
    assert not cache.add("a", 2, 60)
    time.sleep(0.1)
    assert cache.get("a") is None
    assert cache.add("a", 3, 60)
    assert cache.get("a") == 3


def test_entry_without_an_end_stays_and_one_that_has_ended_goes(cache):
    cache.set("a", 1, None)
    cache.set("b", 1, 60)
    cache.set("b", 2, 0)
    assert (cache.get("a"), cache.get("b")) == (1, None)


def test_clear_forgets_all(cache):
    cache.set("a", 1, 60)
    cache.clear()
    assert cache.get("a") is None


def test_of_many_threads_that_add_one_wins(cache):
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: cache.add("a", n, 60), range(40)))
    # A thread that finds Redis busy asks the file: one winner each at the most.
    assert 1 <= won.count(True) <= 2


def test_of_many_processes_that_add_one_wins():
    with multiprocessing.get_context("fork").Pool(4) as pool:
        won = pool.starmap(_add, [(n,) for n in range(20)])
    assert won.count(True) == 1


def _add(n: int) -> bool:
    return SiteCache("", {}).add("a", n, 60)


def test_without_redis_in_mid_life_the_file_serves(settings):
    with RedisServer() as server:
        use_redis(settings, server)
        cache = SiteCache("", {})
        cache.set("a", 1, 60)
        server.kill()
        assert cache.get("a") is None
        assert cache.add("a", 2, 60)
        assert cache.get("a") == 2
    reset_breaker()


def test_state_dir_that_cannot_be_written_is_no_error(settings, tmp_path):
    settings.STATE_DIR = tmp_path / "file"
    settings.STATE_DIR.write_text("in the way")
    cache = SiteCache("", {})
    cache.set("a", 1, 60)
    assert cache.get("a") is None
    assert cache.add("a", 1, 60)


def test_file_stays_bounded_and_is_for_its_owner_only(settings, monkeypatch):
    monkeypatch.setattr(site_cache, "CLEAN_EVERY", 1)
    monkeypatch.setattr(site_cache, "MAX_ENTRIES", 10)
    cache = SiteCache("", {})
    for n in range(30):
        cache.set(f"old-{n}", n, 0.001)
        cache.set(f"new-{n}", n, 60 + n)
    path = settings.STATE_DIR / site_cache.FILE_NAME
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM entries").fetchone()[0] <= 12
    assert cache.get("new-29") == 29
    assert os.stat(path).st_mode & 0o077 == 0
