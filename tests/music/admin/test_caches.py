"""music/admin/caches.py: see, search and forget what is cached, with and without Redis."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import User
from music.caching import keys, parts, stack
from tests.music.caching.conftest import reset_breaker, use_redis
from tests.servers.redis import RedisServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_state")]
CACHES = "/admin/operations/caches/"


@pytest.fixture(scope="module")
def redis_server():
    with RedisServer() as server:
        yield server


@pytest.fixture
def redis(redis_server, settings):
    settings.REDIS_TIMEOUT_SECONDS = 1.0  # a busy machine is not a broken Redis
    use_redis(settings, redis_server)
    with redis_server.connect() as client:
        client.flushall()
        yield client
    reset_breaker()


@pytest.fixture
def operator(client):
    return _sign_in(client, is_superuser=True)


def _sign_in(client, *permissions, **fields):
    user = User.objects.create_user("op@example.org", "secret", is_staff=True, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def _keep(name, value=None, **parts_):
    key = keys.suggestions_key(seeds=[name], **parts_)
    stack.suggestions.fetch(key, lambda: value or {"song": name})
    return key


def _shown_keys(response):
    return [row.key for row in response.context["page"].rows]


def test_tiers_and_breakers_are_shown(client, operator, redis):
    _keep("song")
    response = client.get(CACHES)
    assert response.status_code == 200
    assert [tier.name for tier in response.context["tiers"]] == [
        "redis", "machine", "near", "likes", "people", "responses", "queries",
    ]  # fmt: skip
    assert "redis" in [breaker.name for breaker in response.context["breakers"]]


def test_keys_are_browsed_page_by_page_through_thousands(client, operator, redis):
    with redis.pipeline() as pipeline:
        for number in range(5000):
            pipeline.set(keys.suggestions_key(seeds=[str(number)]), b"{}", ex=60)
            pipeline.set(f"other:{number}", b"x")
        pipeline.execute()
    seen, cursor = set(), 0
    while True:
        page = client.get(CACHES, {"cursor": cursor}).context["page"]
        assert len(page.rows) < 1000
        seen |= {row.key for row in page.rows}
        cursor = page.next_cursor
        if cursor == 0:
            break
    assert seen == {keys.suggestions_key(seeds=[str(number)]) for number in range(5000)}


def test_keys_are_searched_by_text_and_by_listener(client, operator, redis):
    listener = User.objects.create_user("listener@example.org", "secret")
    key = _keep("one")
    theirs = _keep("two", listener_pk=listener.pk)
    assert _shown_keys(client.get(CACHES, {"q": key.digest[5:20]})) == [key]
    assert _shown_keys(client.get(CACHES, {"q": str(key)})) == [key]
    assert _shown_keys(client.get(CACHES, {"q": "Listener@example.org"})) == [theirs]
    assert _shown_keys(client.get(CACHES, {"q": listener.user_id})) == [theirs]
    assert _shown_keys(client.get(CACHES, {"q": "*"})) == []
    assert _shown_keys(client.get(CACHES, {"q": "[a-"})) == []


def test_a_value_is_shown_decoded_with_its_time_to_live(client, operator, redis):
    key = _keep("song", {"title": "Für <Elise>"})
    response = client.get(f"{CACHES}key/", {"key": key})
    assert 3000 < response.context["found"].row.ttl_seconds < 5000
    assert "Für &lt;Elise&gt;" in response.content.decode()


@pytest.mark.parametrize("garbage", [b"\xff\xfe", b"[1]", b"{}"])
def test_garbage_is_shown_as_garbage(client, operator, redis, garbage):
    key = keys.suggestions_key(seeds=["song"])
    redis.set(key, garbage)
    found = client.get(f"{CACHES}key/", {"key": key}).context["found"]
    assert (found.is_valid, found.row.ttl_seconds) == (False, None)


def test_one_key_is_forgotten_everywhere_and_logged(client, operator, redis):
    key, other = _keep("song"), _keep("other")
    response = client.post(f"{CACHES}key/delete/", {"key": key}, follow=True)
    assert _shown_keys(response) == [other]
    assert stack.suggestions.fetch(key, lambda: "new") == "new"
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr) == (operator, f"cached list {key}")


def test_a_listeners_lists_are_forgotten_and_logged(client, operator, redis):
    listener = User.objects.create_user("listener@example.org", "secret")
    mine = [_keep(name, listener_pk=listener.pk) for name in ("a", "b")]
    other = _keep("c")
    client.post(f"{CACHES}listener/delete/", {"listener": "listener@example.org"})
    assert redis.exists(*mine) == 0
    assert redis.exists(other) == 1
    assert stack.suggestions.fetch(mine[0], lambda: "new") == "new"
    assert LogEntry.objects.get().change_message.endswith("(2 in Redis).")


def test_everything_is_forgotten_but_what_others_keep_in_redis(client, operator, redis):
    mine = [_keep(str(number)) for number in range(10)]
    redis.set("somebody:else", "stays")
    client.post(f"{CACHES}all/delete/")
    assert redis.exists(*mine) == 0
    assert redis.get("somebody:else") == b"stays"
    assert parts.near.get(mine[0]) is None
    assert LogEntry.objects.count() == 1


def test_forgetting_everything_asks_first(client, operator):
    key = _keep("song")
    page = client.get(f"{CACHES}all/delete/")
    assert "Yes, forget them all" in page.content.decode()
    assert _shown_keys(client.get(CACHES)) == [key]
    assert LogEntry.objects.count() == 0


def test_a_listener_is_named_by_the_beginning_of_an_id_that_no_other_has(client, operator):
    User.objects.create(user_id="front-end:41")
    User.objects.create(user_id="front-end:42")
    told = client.post(f"{CACHES}listener/delete/", {"listener": "front-end:42"}, follow=True)
    assert "That was the listener front-end:42." in told.content.decode()
    told = client.post(f"{CACHES}listener/delete/", {"listener": "front-end"}, follow=True)
    assert "There is no such listener." in told.content.decode()


def test_it_all_works_with_redis_down(client, operator, settings):
    with RedisServer() as server:
        use_redis(settings, server)
        key = _keep("song")
        server.kill()
        assert _shown_keys(client.get(CACHES)) == [key]
        shown = client.get(f"{CACHES}key/", {"key": key})
        assert '"song": "song"' in shown.context["found"].text
        client.post(f"{CACHES}key/delete/", {"key": key})
        assert stack.suggestions.fetch(key, lambda: "new") == "new"
        client.post(f"{CACHES}all/delete/")
    reset_breaker()
    assert "Redis did not answer" in LogEntry.objects.first().change_message


def test_it_works_without_redis_and_does_not_speak_of_it(client, operator):
    key = _keep("song")
    page = client.get(CACHES)
    assert _shown_keys(page) == [key]
    assert "Redis cannot" not in page.content.decode()
    client.post(f"{CACHES}key/delete/", {"key": key})
    assert LogEntry.objects.get().change_message == f"Forgotten: cached list {key}."
    _keep("song")
    assert _shown_keys(client.get(CACHES, {"q": "nothing"})) == []


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("key/delete/", {"key": "lease:something"}),
        ("key/delete/", {}),
        ("listener/delete/", {"listener": "nobody"}),
        ("listener/delete/", {"listener": "a\x00b"}),
    ],
)
def test_what_is_not_ours_is_refused_in_words(client, operator, path, data):
    response = client.post(CACHES + path, data, follow=True)
    assert response.status_code == 200
    assert len(response.context["messages"]) == 1
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize("cursor", ["-1", "x", str(2**70), ""])
def test_a_cursor_that_is_none_starts_at_the_beginning(client, operator, redis, cursor):
    key = _keep("song")
    assert _shown_keys(client.get(CACHES, {"cursor": cursor})) == [key]


URLS = ["caches", "caches_key", "caches_delete_key", "caches_delete_listener", "caches_delete_all"]


@pytest.mark.parametrize("name", URLS)
def test_others_are_sent_to_sign_in(client, name):
    response = client.get(reverse(f"operations:{name}"))
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("name", URLS)
def test_staff_without_the_permission_is_refused(client, name):
    _sign_in(client)
    url = reverse(f"operations:{name}")
    method = client.post if "delete" in name else client.get
    assert method(url).status_code == 403


def test_who_may_look_may_not_forget(client):
    _sign_in(client, "view_querycache")
    key = _keep("song")
    page = client.get(CACHES)
    assert (page.status_code, page.context["may_delete"]) == (200, False)
    assert client.post(f"{CACHES}key/delete/", {"key": key}).status_code == 403
    assert client.get(f"{CACHES}key/delete/").status_code == 403
