"""A listener who deletes everything leaves no word and no address, wherever one looks."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import AccessToken, AuditEntry, User
from music.caching import parts, stack
from music.caching.keys import suggestions_key
from music.domain.purging import expire_guests
from music.models import ImportRow, MatchCorrection, PlaylistImport, QueryCache, UserLikedSong
from tests.factories import GuestFactory, LikeFactory, ListenerFactory
from tests.music.caching.conftest import reset_breaker, use_redis
from tests.servers.redis import RedisServer
from tunetrace_site.replication.databases import POSTGRES
from tunetrace_site.replication.erasing import finish_erasure
from tunetrace_site.replication.unit import run_unit

from .rows import assert_equal_databases, change_only

MARK = "qqmark"
PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def redis(pair, settings):
    """A Redis of this module, and caches in the state directory of the pair."""
    with RedisServer() as server:
        use_redis(settings, server)
        stack.forget_everything()
        client = server.connect()
        yield client
        client.close()
        reset_breaker()
    settings.REDIS_URL = None
    stack.forget_everything()


def sign_in(user: User) -> Client:
    browser = Client()
    answer = browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def make_listener() -> User:
    """A listener with the mark in everything that can hold words."""
    user = ListenerFactory(email=f"{MARK}@example.org", display_name=f"Ada {MARK}")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    EmailAddress.objects.create(user=user, email=f"second-{MARK}@example.org")
    SocialAccount.objects.create(
        user=user, provider="google", uid="1", extra_data={"name": f"Ada {MARK}"}
    )
    LikeFactory(user=user, song_name=f"The song of {MARK}")
    # A search that found nothing.
    LikeFactory(user=user, song=None, song_name=f"Unknown {MARK}")
    QueryCache.objects.create(query=f"unknown {MARK}", rung="unresolved")
    MatchCorrection.objects.create(user=user, query=f"corrected {MARK}")
    QueryCache.objects.create(query=f"corrected {MARK}", rung="search")
    job = PlaylistImport.objects.create(user=user, token="a" * 32, pasted_songs=[f"Pasted {MARK}"])
    ImportRow.objects.create(job=job, number=1, name=f"Row {MARK}")
    QueryCache.objects.create(query=f"pasted {MARK}", rung="search")
    token, _ = AccessToken.issue(user=user, name=f"phone of {MARK}")
    token.save()
    AuditEntry.objects.create(kind="sign_in", actor_pk=user.pk, subject_pk=user.pk)
    return user


def note_in_admin(operator: User, user: User) -> None:
    """What operators did to the listener, to rows of theirs, and said of them."""
    rows = [*UserLikedSong.objects.filter(user=user), *EmailAddress.objects.filter(user=user)]
    LogEntry.objects.log_actions(operator.pk, [user, *rows], CHANGE, change_message=f"By {MARK}")
    LogEntry.objects.create(
        user=operator, object_repr=f"lists of {user.email}", action_flag=CHANGE, change_message="a"
    )


def keep_lists(user: User) -> None:
    """Suggestion lists made for the listener, in Redis and in the file of this machine."""
    key = suggestions_key(seeds=["a"], listener_pk=user.pk)
    life = {"fresh_seconds": 60.0, "stale_seconds": 60.0}
    look = parts.redis.look(key)
    assert parts.redis.store(key, {"a": MARK}, generation=look.generation, **life)
    slots = parts.generations.find_slots(key.scopes)
    generation = parts.generations.read(slots)
    assert parts.machine.store(key, {"a": MARK}, generation=generation, **life)


def dump_redis(redis) -> bytes:
    return b"".join(key + (redis.dump(key) or b"") for key in redis.keys("*"))


def dump_postgres() -> str:
    """Every row of every table as text, and what each session holds."""
    with connections[POSTGRES].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        texts = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            texts += [f"{table}: {row}" for (row,) in cursor.fetchall()]
    sessions = Session.objects.using(POSTGRES).all()
    return "\n".join([*texts, *(str(session.get_decoded()) for session in sessions)])


def find_marked(pair, redis) -> list[str]:
    """Every place that holds the mark, in any case."""
    mark = MARK.encode()
    files = [pair.sqlite_path, Path(f"{pair.sqlite_path}-wal"), *pair.state_dir.rglob("*")]
    found = [path.name for path in files if path.is_file() and mark in path.read_bytes().lower()]
    found += [line[:120] for line in dump_postgres().lower().splitlines() if MARK in line]
    return found + ["redis"] * (mark in dump_redis(redis).lower())


def delete_by_themselves(user: User, browser: Client, desk: Client) -> None:
    assert browser.delete("/api/v1/me").status_code == 204


def delete_in_admin(user: User, browser: Client, desk: Client) -> None:
    address = f"/admin/accounts/user/{user.pk}/delete/"
    assert desk.post(address, {"post": "yes"}).status_code == 302


@pytest.mark.parametrize("delete", [delete_by_themselves, delete_in_admin])
def test_deleted_listener_leaves_no_word_and_no_address_anywhere(
    pair, preference, sync, redis, delete
):
    user = run_unit(make_listener)
    operator = run_unit(
        lambda: ListenerFactory(email="op@example.org", is_staff=True, is_superuser=True)
    )
    others = run_unit(lambda: [LikeFactory(song_name=name) for name in ("Common", "Own")])
    run_unit(lambda: LikeFactory(user=user, song_name="Common"))
    for name in ("common", "own"):
        run_unit(lambda name=name: QueryCache.objects.create(query=name, rung="search"))
    run_unit(lambda: note_in_admin(operator, user))
    browser, phone, desk = sign_in(user), sign_in(user), sign_in(operator)
    like = UserLikedSong.objects.get(song_name=f"The song of {MARK}")
    deletion = f"/admin/music/userlikedsong/{like.pk}/delete/"
    assert desk.post(deletion, {"post": "yes"}).status_code == 302
    keep_lists(user)
    sync()
    places = {place.partition(":")[0] for place in find_marked(pair, redis)}
    assert {"accounts_user", "django_admin_log", "music_querycache", "answers"} <= places
    assert {"redis", "accounts_accesstoken", "account_emailaddress"} <= places

    delete(user, browser, desk)

    sync()
    assert finish_erasure()
    assert find_marked(pair, redis) == []
    assert phone.get("/api/v1/me").status_code == 401
    assert Session.objects.count() == 1  # the operator's
    assert_equal_databases()
    assert set(QueryCache.objects.values_list("query", flat=True)) == {"common", "own"}
    assert {like.user for like in UserLikedSong.objects.all()} == {like.user for like in others}
    names = set(LogEntry.objects.values_list("object_repr", flat=True))
    assert {"listener", "like", f"like {like.pk}", "a deleted listener"} <= names


def test_log_is_emptied_when_nobody_reads_it_any_more(pair):
    wal = Path(f"{pair.sqlite_path}-wal")
    run_unit(lambda: User.objects.create(user_id=f"a {MARK}"))
    assert finish_erasure()
    assert MARK.encode() in wal.read_bytes()
    reader = sqlite3.connect(pair.sqlite_path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM accounts_user").fetchall()
    run_unit(lambda: User.objects.get(user_id=f"a {MARK}").delete())
    assert not finish_erasure()
    reader.close()
    assert finish_erasure()
    assert wal.stat().st_size == 0
    assert MARK.encode() not in pair.sqlite_path.read_bytes()


def test_log_is_emptied_once_sqlite_has_heard_of_the_deletion(pair, sync):
    run_unit(lambda: User.objects.create(user_id=f"a {MARK}"))
    with pair.sqlite_locked():
        run_unit(lambda: User.objects.get(user_id=f"a {MARK}").delete())
    assert not finish_erasure()
    sync()
    assert finish_erasure()
    assert MARK.encode() not in pair.sqlite_path.read_bytes()


def test_deletion_that_the_relay_brings_is_erased_too(pair, sync):
    run_unit(lambda: User.objects.create(user_id=f"a {MARK}"))
    change_only(POSTGRES, lambda: User.objects.get(user_id=f"a {MARK}").delete())
    (pair.state_dir / "to-be-erased").unlink()
    sync()
    assert (pair.state_dir / "to-be-erased").exists()
    assert finish_erasure()
    assert MARK.encode() not in pair.sqlite_path.read_bytes()


def test_guests_expire_in_both_databases(pair, preference, sync):
    long_ago = timezone.now() - timedelta(days=200)
    guest = run_unit(lambda: GuestFactory(created_at=long_ago))
    run_unit(lambda: LikeFactory(user=guest, song_name=f"a {MARK}", created_at=long_ago))
    assert expire_guests() == 1
    rows = assert_equal_databases()
    assert "accounts_user" not in {table for table, _ in rows}
    sync()
    assert finish_erasure()
    assert MARK.encode() not in pair.sqlite_path.read_bytes()
