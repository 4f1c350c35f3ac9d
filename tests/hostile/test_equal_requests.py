"""Equal requests at once are one change, never an error (invariant 14).

Two clicks on one button, a client that sends again before it is answered, five pages that poll one
import: each unsafe route of the table of access, and those of django-allauth and the admin, by
callers who may use it, on real databases with each one leading and on SQLite alone.
"""

import threading
from collections import defaultdict

import pytest
from django.db import connections
from django.test import Client

from tests.servers.pair import installed
from tests.tunetrace_site.replication.conftest import (  # noqa: F401
    pair,
    postgres_server,
    sync,
    templates,
)
from tests.tunetrace_site.replication.rows import assert_equal_databases
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.marks import is_in_service
from tunetrace_site.replication.unit import unit_of_work

from .table import CALLERS, ROWS, Row
from .world import make_client, make_first_listener, make_world, send

# In the order of who is asked first.
_ASKED = ("listener", "service", "superuser", "anonymous")

_PASSWORD = "correct-horse-9"
ADDRESS = {"email": "new@example.org", "password1": _PASSWORD, "password2": _PASSWORD}
ALL = " ".join(["200"] * len(CALLERS))
NOT_IN_THE_TABLE = [
    Row("POST", "/accounts/signup/", ALL, ADDRESS, kind="page"),
    Row("POST", "/accounts/login/", ALL, {"login": "x@example.org", "password": "y"}, kind="page"),
    Row("POST", "/accounts/password/reset/", ALL, {"email": "new@example.org"}, kind="page"),
    Row("POST", "/accounts/email/", ALL, {"action_add": "", "email": "b@c.org"}, kind="page"),
    Row("POST", "/admin/auth/group/add/", ALL, {"name": "editors"}, kind="page"),
]
UNSAFE = [row for row in (*ROWS, *NOT_IN_THE_TABLE) if row.method not in {"GET", "HEAD"}]


def callers_of(row):
    if row in NOT_IN_THE_TABLE:
        return ["superuser"] if "admin" in row.address else ["anonymous", "listener"]
    return [caller for caller in _ASKED if row.expected(caller) < 400] or ["listener"]


def fire(world, rows, caller):
    """The statuses of requests sent at once, one for each of ``rows``, by one caller."""
    with unit_of_work():
        pattern = make_client(world, caller)
    barrier, statuses = threading.Barrier(len(rows)), []

    def run(row):
        client = Client(raise_request_exception=False)
        client.cookies, client.defaults = pattern.cookies, dict(pattern.defaults)
        barrier.wait(10)
        try:
            statuses.append(send(client, world, row, caller).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[row]) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(statuses) == len(rows)
    return sorted(statuses)


def fire_all(firings):
    """The answers to those of ``firings`` (rows, and a caller) where one was 500 or more."""
    with unit_of_work():
        world = make_world()
    failed = defaultdict(list)
    for rows, caller in firings:
        with unit_of_work():
            fresh = make_first_listener(world.songs, world.secrets["service"])
        statuses = fire(fresh, rows, caller)
        if statuses[-1] >= 500:
            failed[f"{rows[0]} and {rows[-1]} by {caller}"].append(statuses)
    return dict(failed)


def each_unsafe_route(n_requests, n_callers):
    """Each of them by ``n_callers`` of those who may."""
    return [
        ([row] * n_requests, caller) for row in UNSAFE for caller in callers_of(row)[:n_callers]
    ]


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("preference", "n_requests", "n_callers"),
    [
        ("postgres", 3, 2),
        ("sqlite", 2, 1),
        pytest.param("postgres", 6, 2, marks=pytest.mark.slow),
        pytest.param("sqlite", 6, 2, marks=pytest.mark.slow),
    ],
)
def test_equal_requests_at_once_are_no_error(
    pair,  # noqa: F811
    sync,  # noqa: F811
    settings,
    preference,
    n_requests,
    n_callers,
):
    settings.DB_READ_PREFERENCE = preference
    assert fire_all(each_unsafe_route(n_requests, n_callers)) == {}
    # On a machine that stalls for a second, SQLite is given up until the relay has looked after it.
    sync()
    assert all(is_in_service(alias) for alias in (SQLITE, POSTGRES))
    assert_equal_databases()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("n_callers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_equal_requests_at_once_are_no_error_on_sqlite_alone(pair, tmp_path, n_callers):  # noqa: F811
    alone = tmp_path / "alone.db"
    pair.templates.copy_sqlite(alone)
    with installed(alone, None, tmp_path / "alone-state"):
        assert fire_all(each_unsafe_route(2, n_callers)) == {}


def find(method, address):
    [row] = [row for row in ROWS if (row.method, row.address) == (method, address)]
    return row


LEAVE = find("DELETE", "/api/v1/me")
UNLIKE = find("DELETE", "/api/v1/liked-songs/{like}")
IN_EACH_OTHERS_WAY = [
    (LEAVE, find("POST", "/api/v1/liked-songs")),
    (LEAVE, find("POST", "/api/v1/dismissals")),
    (LEAVE, find("POST", "/api/v1/imports")),
    (LEAVE, find("POST", "/api/v1/playbacks")),
    (LEAVE, find("PATCH", "/api/v1/me")),
    (UNLIKE, find("PATCH", "/api/v1/liked-songs/{like}")),
    (UNLIKE, find("POST", "/likes/{like}/match/")),
    (UNLIKE, find("POST", "/likes/{like}/learning/")),
    (find("DELETE", "/api/v1/dismissals/{reference}"), find("POST", "/api/v1/dismissals")),
]


@pytest.mark.timeout(300)
def test_requests_in_each_others_way_are_no_error(pair, sync):  # noqa: F811
    """One takes away what the other needs: the later one finds it gone."""
    firings = [([*rows, *rows], "listener") for rows in IN_EACH_OTHERS_WAY for _ in range(3)]
    assert fire_all(firings) == {}
    sync()
    assert_equal_databases()
