"""Reads that may be a second old go to a replica; nobody misses a write of theirs, or gets an
error.

The primary, its replica and Redis are real. The replica is looked at when a test says so.
"""

import re
import threading
import time
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccessToken, User
from music.caching import parts
from music.domain.likes import record_likes
from music.domain.songs import Named
from music.models import Song, UserLikedSong
from tests.factories import SongFactory
from tests.music.caching.conftest import reset_breaker, use_redis
from tests.servers.pair import Templates, installed_without_sqlite
from tests.servers.postgres import running_postgres
from tests.servers.redis import RedisServer
from tests.servers.standby import ReplicatedServer
from tunetrace_site.replication import replica_health
from tunetrace_site.replication.replica_health import (
    ReplicaWatch,
    describe_replicas,
    list_watches,
)
from tunetrace_site.replication.unit import run_unit

REPLICA = "replica-1"
LIKES = "/api/v1/liked-songs"
JSON = "application/json"
PATHS = (
    *(LIKES, "/api/v1/me", "/api/v1/me/suggestions", "/api/v1/mixes", "/api/v1/dismissals"),
    *("/api/v1/me/export", "/", "/likes/", "/history/", "/taste/", "/about/", "/search/?q=one"),
)


@pytest.fixture(scope="module")
def templates(tmp_path_factory, shared_folder, django_db_blocker):
    with running_postgres(kind=ReplicatedServer) as server, django_db_blocker.unblock():
        yield Templates(server, tmp_path_factory.mktemp("primary"), shared_folder)


@pytest.fixture(scope="module")
def standby(templates):
    return templates.server.make_standby()


@pytest.fixture(scope="module")
def redis_server():
    with RedisServer() as server:
        yield server


@pytest.fixture
def site(
    templates, standby, redis_server, own_state, tmp_path, settings, monkeypatch, django_db_blocker
):
    """PostgreSQL alone with a replica that is looked at and in use, and Redis."""
    monkeypatch.setattr(replica_health, "start_watching", lambda: None)
    monkeypatch.setattr(replica_health, "_watches", {})
    use_redis(settings, redis_server)
    redis_server.connect().flushall()
    name = "tunetrace"
    with django_db_blocker.unblock():
        templates.empty_postgres()
        with installed_without_sqlite(
            tmp_path / "app.db", templates.server.url(name), tmp_path, standby.url(name)
        ):
            look_until_used()
            yield templates.server
    reset_breaker()


def look() -> ReplicaWatch:
    [watch] = list_watches()
    watch.look()
    return watch


def look_until_used() -> None:
    ends_at = time.monotonic() + 20
    while not look().is_used:
        assert time.monotonic() < ends_at, look().describe()
        time.sleep(0.02)


@contextmanager
def paused(standby):
    """The replica receives what the primary writes, and does not show it."""
    standby.execute("SELECT pg_wal_replay_pause()")
    standby._wait("SELECT pg_get_wal_replay_pause_state() = 'paused'")
    try:
        yield
    finally:
        standby.execute("SELECT pg_wal_replay_resume()")


def make_caller(user_id: str) -> Client:
    """A program with the token of a new listener."""
    listener = run_unit(lambda: User.objects.create(user_id=user_id))
    token, secret = AccessToken.issue(
        user=listener, name="test", scopes="read write", last_used_at=timezone.now()
    )
    run_unit(token.save)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def add_elsewhere(user_id: str, song_name: str) -> None:
    """A like that another program has made, of which nobody is told."""
    listener = User.objects.get(user_id=user_id)
    run_unit(lambda: UserLikedSong.objects.create(user=listener, song_name=song_name))


def read_likes(client: Client) -> list[str]:
    answer = client.get(LIKES)
    assert answer.status_code == 200, answer.content
    return sorted(like["song_name"] for like in answer.json())


def test_own_write_is_seen_at_once_and_others_within_a_second(site, standby):
    ann, song = make_caller("ann"), run_unit(SongFactory)
    add_elsewhere("ann", "a")
    read_likes(ann)
    look_until_used()
    with paused(standby):
        add_elsewhere("ann", "b")
        assert read_likes(ann) == ["a"]  # the replica answers, of a moment ago
        assert ann.post(LIKES, {"song_id": song.address}, JSON).status_code == 201
        assert len(read_likes(ann)) == 3
        time.sleep(replica_health.MAX_AGE_SECONDS)
        watch = look()
        assert (watch.is_used, watch.describe().reason) == (False, "it lags behind the primary")
        assert watch.n_bytes_behind > 0
        time.sleep(replica_health.MAX_AGE_SECONDS + 0.1)
        assert len(read_likes(ann)) == 3  # nobody is noted any more: the replica is left out
    look_until_used()
    assert len(read_likes(ann)) == 3


def test_write_of_a_job_is_seen_by_the_listener_and_one_of_a_browser_by_its_guest(site, standby):
    ann, song, other = make_caller("ann"), run_unit(SongFactory), run_unit(SongFactory)
    look_until_used()
    with paused(standby):
        record_likes(User.objects.get(user_id="ann"), [("One", Named(song, None))])
        assert read_likes(ann) == ["One"]
        guest = Client()
        assert guest.post("/likes/song/", {"song": song.address}).status_code == 302
        look()
        assert song.title in guest.get("/likes/").content.decode()
        # Somebody else is told of what their replica lacks by the primary.
        run_unit(lambda: Song.objects.filter(pk=other.pk).update(address="moved/elsewhere"))
        assert Client().get("/api/v1/songs/moved/elsewhere").status_code == 200


def test_only_rows_that_may_be_old_are_read_from_a_replica(site):
    """And none in a request that writes, or for what is kept in a cache."""
    ann, song = make_caller("ann"), run_unit(SongFactory)
    record_likes(User.objects.get(user_id="ann"), [("One", Named(song, None))])
    parts.client.call(lambda redis: redis.flushall())
    tables = {model.replace(".", "_") for model in settings.REPLICA_MODELS}
    allowed = re.compile(rf'(?:FROM|JOIN) "(?!{"|".join(tables)}")')
    with CaptureQueriesContext(connections[REPLICA]) as asked:
        for path in (*PATHS, f"/api/v1/songs/{song.address}", f"/songs/{song.address}"):
            look_until_used()
            assert ann.get(path).status_code in {200, 302}, path
    statements = [query["sql"] for query in asked.captured_queries]
    assert len(statements) > 5
    assert [sql for sql in statements if not sql.startswith("SELECT") or allowed.search(sql)] == []
    with CaptureQueriesContext(connections[REPLICA]) as asked:
        assert ann.post(LIKES, {"song_id": song.address}, JSON).status_code == 200
        assert ann.delete(f"{LIKES}/{UserLikedSong.objects.get().pk}").status_code == 204
    assert asked.captured_queries == []


def test_write_that_redis_cannot_note_waits_for_the_replica(site, standby, redis_server):
    ann, song = make_caller("ann"), run_unit(SongFactory)
    look_until_used()
    looking = threading.Event()

    def look_again_and_again() -> None:
        while not looking.wait(0.02):
            look()
        connections.close_all()

    thread = threading.Thread(target=look_again_and_again)
    with paused(standby):
        redis_server.kill()
        thread.start()
        try:
            began_at = time.monotonic()
            assert ann.post(LIKES, {"song_id": song.address}, JSON).status_code == 201
            # It went on when the replica was left out, which another machine does as well.
            assert 0.5 < time.monotonic() - began_at < 5
            assert len(read_likes(ann)) == 1
        finally:
            looking.set()
            thread.join()
            redis_server.start()


def test_replica_of_another_database_or_server_is_left_out(site, templates, standby, tmp_path):
    problem = "it is a replica of another server, or the URL names another database"
    url = templates.server.url("tunetrace")
    with installed_without_sqlite(tmp_path / "app.db", url, tmp_path, standby.url("postgres")):
        assert look().describe().reason == problem
    with installed_without_sqlite(tmp_path / "app.db", url, tmp_path, url):
        assert look().describe().reason == "it is no replica, or not any more: it was promoted"


def test_replica_that_dies_or_is_promoted_is_left_out_without_an_error(
    site, templates, standby, tmp_path
):
    """Last: the replica does not come back."""
    ann = make_caller("ann")
    add_elsewhere("ann", "a")
    operator = run_unit(lambda: User.objects.create_superuser("o@example.org", "x"))
    look_until_used()
    assert describe_replicas()[look().name]["used"] is True
    assert len(read_likes(ann)) == 1
    late = templates.server.make_standby()
    look_until_used()
    standby.kill()
    assert len(read_likes(ann)) == 1  # asked of the dead one first
    assert not list_watches()[0].is_used
    browser = Client()
    run_unit(lambda: browser.force_login(operator))
    assert "left out: " in browser.get("/admin/operations/databases/").content.decode()
    assert browser.get("/health/ready").json()["status"] == "degraded"
    [_, used, *_] = browser.get("/metrics").content.decode().split("tunetrace_replica_used{")
    assert used.partition("} ")[2][:3] == "0.0"
    look()
    assert describe_replicas()[look().name]["left_out"] == "OperationalError"
    standby.start()
    look_until_used()
    # The primary is lost, and a standby that lagged takes its place: the other one is ahead of it.
    late.stop_receiving()
    add_elsewhere("ann", "c")
    standby.wait_until_level()
    late.promote()
    urls = (late.url("tunetrace"), standby.url("tunetrace"))
    with installed_without_sqlite(tmp_path / "app.db", urls[0], tmp_path, urls[1]):
        assert look().describe().reason == "it follows another history than the primary's"
        assert len(read_likes(ann)) == 1
    standby.promote()
    assert look().describe().reason == "it is no replica, or not any more: it was promoted"
