"""Requests over two real databases: one alias each, run again elsewhere when it fails."""

import sqlite3

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client

from accounts.models import AccessToken, User
from music.models import Mix, PlaylistImport, Song
from tests.servers.pair import installed
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.marks import Mark, is_behind, is_down, set_marks
from tunetrace_site.replication.middleware import STALE_HEADER
from tunetrace_site.replication.triggers import drop_triggers
from tunetrace_site.replication.unit import run_unit, unit_of_work

from . import urls
from .rows import assert_equal_databases, read_all

pytestmark = pytest.mark.usefixtures("pair")
JSON = "application/json"


@pytest.fixture(autouse=True)
def _test_urls(settings):
    settings.ROOT_URLCONF = "tests.tunetrace_site.replication.urls"
    urls.during_next_view.clear()


@pytest.fixture
def operator(pair):
    with unit_of_work():
        return User.objects.create_superuser("op@example.org", "secret-word-9")


@pytest.fixture
def client(operator):
    client = Client()
    run_unit(lambda: client.force_login(operator))
    return client


def test_session_and_person_survive_a_failover(client, operator, pair, sync):
    assert client.get("/test/whoami").json() == {"user_id": str(operator.pk), "database": POSTGRES}
    pair.server.kill()
    try:
        assert client.get("/test/whoami").json() == {
            "user_id": str(operator.pk),
            "database": SQLITE,
        }
        assert client.post("/test/rename", {"name": "b"}, JSON).json()["name"] == "b"
    finally:
        pair.server.start()
    sync()
    assert client.get("/test/whoami").json() == {"user_id": str(operator.pk), "database": POSTGRES}
    assert client.session["renamed"] == 1
    assert_equal_databases()


def test_answer_that_may_be_stale_carries_a_mark(client, pair, sync, settings):
    assert STALE_HEADER not in client.get("/test/whoami")
    settings.SEVERAL_MACHINES = True
    assert STALE_HEADER not in client.get("/test/whoami")
    pair.server.kill()
    try:
        # The other machines' changes come when PostgreSQL is back.
        assert client.get("/test/whoami")[STALE_HEADER] == "may be stale"
        settings.SEVERAL_MACHINES = False
        # SQLite alone holds everything that was confirmed.
        assert STALE_HEADER not in client.get("/test/whoami")
        set_marks(SQLITE, Mark.BEHIND)
        assert client.get("/test/whoami")[STALE_HEADER] == "may be stale"
    finally:
        pair.server.start()
    sync()
    assert STALE_HEADER not in client.get("/test/whoami")


def test_view_killed_in_the_middle_runs_again_from_nothing(client, operator, pair, sync):
    urls.during_next_view.append(pair.server.kill)
    try:
        answer = client.post("/test/rename", {"name": "x"}, JSON)
    finally:
        pair.server.start()

    # "xx" would mean that the changed object of the first run leaked into the second.
    assert answer.json() == {"name": "x", "database": SQLITE}
    assert client.session["renamed"] == 1
    sync()
    assert_equal_databases()
    assert User.objects.get(pk=operator.pk).display_name == "x"


def test_view_with_own_units_runs_again(client, pair, sync):
    urls.during_next_view.append(pair.server.kill)
    try:
        assert client.post("/test/two-units").json() == {"database": SQLITE}
    finally:
        pair.server.start()
    sync()
    assert_equal_databases()
    assert User.objects.filter(user_id__in=["first", "second"]).count() == 2


def test_what_is_made_under_a_key_is_made_once_though_a_database_dies_between(client, pair, sync):
    run_unit(lambda: Song.named("Other", "Song").save())
    bodies = {
        "mixes": {"name": "Morning", "song_ids": ["other/song"]},
        "me/tokens": {"name": "program", "scopes": ["read"], "expires_in_days": 3},
        "imports": {"songs": ["Yesterday"]},
    }

    def ask():
        answers = [
            client.post(f"/api/v1/{what}", body, JSON, headers={"Idempotency-Key": "one"})
            for what, body in bodies.items()
        ]
        return [(answer.status_code, answer.json()["token"]) for answer in answers]

    first = ask()
    assert [status for status, _ in first] == [201, 201, 202]
    pair.server.kill()
    try:
        assert ask() == first
    finally:
        pair.server.start()
    sync()
    assert_equal_databases()
    assert ask() == first
    n_made = [model.objects.count() for model in (Mix, AccessToken, PlaylistImport)]
    assert n_made == [1, 1, 1]


@pytest.mark.parametrize(("status", "n_guests"), [(200, 1), (302, 1), (400, 0), (500, 0)])
def test_error_answer_undoes_the_unit(client, status, n_guests):
    client.post("/test/half-done", {"status": status})

    assert_equal_databases()
    assert User.objects.filter(is_guest=True).count() == n_guests


def test_write_outside_a_unit_reaches_both_before_the_answer(client):
    client.get("/test/writes-on-get")

    assert_equal_databases()
    assert User.objects.filter(user_id="visitor").exists()


@pytest.fixture
def unusable(client, pair, sync):
    """Both databases refuse to be written, until the test ends; then both are well again."""
    pair.server.kill()
    try:
        client.post("/test/rename", {"name": "a"}, JSON)
        assert is_down(POSTGRES)
        assert is_behind(POSTGRES)
        with pair.sqlite_locked():
            yield
    finally:
        pair.server.start()
    sync()
    assert_equal_databases()
    assert client.post("/test/rename", {"name": "c"}, JSON).json()["name"] == "ac"


@pytest.mark.usefixtures("unusable")
@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/api/v1/liked-songs/", "*/*"),
        ("/api/v1/liked-songs/", "text/html"),
        ("/test/rename", "application/json"),
    ],
)
def test_program_gets_503_in_the_shape_of_the_api(client, path, accept):
    body = {"song_name": "Help!"} if path.startswith("/api") else {"name": "b"}
    answer = client.post(path, body, JSON, headers={"Accept": accept})
    assert answer.status_code == 503
    assert answer["Retry-After"] == "2"
    assert set(answer.json()) == {"detail", "code", "hint"}
    assert answer.json()["code"] == "database_unavailable"


@pytest.mark.usefixtures("unusable")
def test_person_gets_503_as_a_page_that_needs_no_database(client):
    answer = client.post("/test/rename", {"name": "b"}, JSON, headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 503
    assert answer["Retry-After"] == "2"
    assert "<h1>TuneTrace is out of reach for a moment</h1>" in answer.text
    assert 'href="/"' in answer.text
    assert "Try again</a>" not in answer.text


@pytest.mark.usefixtures("unusable")
def test_session_that_cannot_be_kept_is_a_503(client):
    """Sessions are saved after the view, by a middleware around the one of units."""
    answer = client.get("/test/counts-visits", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")


def test_session_that_a_database_has_missed_is_not_ended(operator, pair, sync):
    """The listener signed in while PostgreSQL was down; then only PostgreSQL can answer."""
    client = Client()
    pair.server.kill()
    try:
        run_unit(lambda: client.force_login(operator))
    finally:
        pair.server.start()
    with pair.sqlite_unreadable():
        answer = client.get("/test/whoami")
    assert (answer.status_code, dict(answer.cookies)) == (503, {})
    sync()
    assert client.get("/test/whoami").json()["user_id"] == str(operator.pk)


def test_busy_sqlite_alone_answers_503(pair, tmp_path):
    """With SQLite alone as well: busy is not a fault of the program."""
    pair.templates.copy_sqlite(tmp_path / "alone.db")
    with installed(tmp_path / "alone.db", None, tmp_path / "alone-state"):
        drop_triggers(connections[SQLITE])
        locker = sqlite3.connect(tmp_path / "alone.db", isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        answer = Client().post("/test/half-done", {"status": 200})
        locker.close()
        assert answer.status_code == 503
        assert Client().post("/test/half-done", {"status": 200}).status_code == 200


def test_sign_in_by_allauth_reaches_both(operator):
    client = Client()
    answer = client.post(
        "/accounts/login/", {"login": "op@example.org", "password": "secret-word-9"}
    )

    assert answer.status_code == 302
    assert_equal_databases()
    assert Session.objects.using(SQLITE).count() == 1


def test_sign_up_by_allauth_reaches_both_and_survives(pair, sync):
    client = Client()
    answer = client.post(
        "/accounts/signup/",
        {
            "email": "new@example.org",
            "password1": "a-long-secret-9",
            "password2": "a-long-secret-9",
        },
    )
    assert answer.status_code == 302
    rows = assert_equal_databases()
    assert {table for table, _ in rows} >= {"accounts_user", "account_emailaddress"}
    user = User.objects.get(email="new@example.org")
    pair.server.kill()
    try:
        assert client.get("/test/whoami").json() == {"user_id": str(user.pk), "database": SQLITE}
    finally:
        pair.server.start()


def test_admin_change_with_groups_is_mirrored_with_its_log_entry(client):
    some = Permission.objects.order_by("pk")[:2]
    answer = client.post(
        "/admin/auth/group/add/", {"name": "editors", "permissions": [p.pk for p in some]}
    )

    assert answer.status_code == 302
    assert_equal_databases()
    for alias in (SQLITE, POSTGRES):
        group = Group.objects.using(alias).get(name="editors")
        assert set(group.permissions.values_list("pk", flat=True)) == {p.pk for p in some}
        assert LogEntry.objects.using(alias).get().object_id == str(group.pk)


def test_content_types_and_permissions_have_equal_keys(pair):
    def keys(alias):
        return set(Permission.objects.using(alias).values_list("pk", "content_type_id", "codename"))

    assert keys(SQLITE) == keys(POSTGRES)
    assert len(keys(SQLITE)) > 50


def test_read_only_request_changes_nothing(client):
    before = read_all(POSTGRES)
    client.get("/test/whoami")
    assert read_all(POSTGRES) == before


def read(address, **headers):
    return Client(headers=headers).get(address).status_code


def test_what_a_database_that_is_behind_has_not_heard_of_is_not_said_to_be_missing(
    pair, settings, sync
):
    """An import is asked for where only the other one knows of it: 503, as it may be there."""
    settings.ROOT_URLCONF = "tunetrace_site.urls"
    pair.server.kill()
    set_marks(POSTGRES, Mark.DOWN)
    with unit_of_work():
        ann = User.objects.create(user_id="ann")
        token, secret = AccessToken.issue(user=ann, name="program")
        token.save()
        PlaylistImport.objects.create(user=ann, token="abc", pasted_songs=["x"], n_total=1)
    assert is_behind(POSTGRES)
    bearer = {"authorization": f"Bearer {secret}"}
    assert read("/api/v1/imports/abc", **bearer) == 200
    pair.server.start()
    set_marks(SQLITE, Mark.DOWN)
    with pair.sqlite_unreadable():
        assert read("/api/v1/imports/abc", **bearer) == 503
        assert read("/songs/nothing") == 503
        # True whatever it knows: no such page, and no credentials.
        assert read("/nowhere/") == 404
        assert read("/api/v1/nowhere") == 404
        assert read("/api/v1/imports/abc") == 401
    sync()
    assert read("/api/v1/imports/abc", **bearer) == 200
    assert read("/api/v1/imports/other", **bearer) == 404
    assert read("/songs/nothing") == 404
    assert read("/api/v1/imports/abc", authorization="Bearer wrong") == 401
