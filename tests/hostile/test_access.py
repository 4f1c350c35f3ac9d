"""Every URL and method, by everybody: the table holds, and nothing is missing from it."""

import re
from dataclasses import replace

import pytest
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve

from music.caching import stack
from tests.factories import ListenerFactory
from tunetrace_site.checks import list_routes

from .table import API, CALLERS, ROWS, Row
from .world import call, make_world

OPEN_TO_ALL_STAFF = {
    "admin/",
    "admin/login/",
    "admin/logout/",
    "admin/jsi18n/",
    "admin/password_change/",
    "admin/password_change/done/",
}
KEPT_BY_CACHES = {
    "/api/v1/schema",
    "/api/v1/genres",
    "/api/v1/songs/{reference}",
    "/api/v1/songs/{reference}/similar",
}
"""Addresses whose answers are the same for everybody, and say for how long."""
SAMPLES = {"like": "1", "token": "1", "reference": "nirvana/lithium"}
SAMPLES |= {"import": "t", "mix": "t", "share": "t"}


@pytest.fixture
def world(db):
    return make_world()


def call_undone(world, row: Row, caller: str):
    """The answer, after which the world is as it was."""
    stack.forget_everything()
    with transaction.atomic():
        response = call(world, row, caller)
        transaction.set_rollback(True)
    return response


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_everybody_is_answered_as_the_table_says(world, row):
    answers = {caller: call_undone(world, row, caller) for caller in CALLERS}
    assert {caller: answer.status_code for caller, answer in answers.items()} == {
        caller: row.expected(caller) for caller in CALLERS
    }
    if row.address not in KEPT_BY_CACHES:
        for answer in answers.values():
            assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))
    if row in API:
        for answer in answers.values():
            if answer.status_code >= 400:
                assert answer.json()["detail"]
            if answer.status_code == 401:
                assert answer["WWW-Authenticate"] == 'Bearer realm="TuneTrace"'


@pytest.mark.parametrize("row", API, ids=str)
def test_api_answers_alike_with_a_slash_at_the_end(world, row):
    path, question, query = row.address.partition("?")
    slashed = Row(row.method, f"{path.rstrip('/')}/{question}{query}", row.statuses, row.body)
    assert call(world, slashed, "listener").status_code == row.expected("listener")


def list_api_methods() -> set[tuple[str, str]]:
    """(route, method) of every view of the API, but for the spelling with a slash at the end."""
    found = set()
    for route, view in list_routes():
        api_view = getattr(view, "cls", None)
        if api_view is None or (route.endswith("/") and route != "api/v1/"):
            continue
        names = view.initkwargs.get("http_method_names", api_view.http_method_names)
        for method in set(names) - {"options", "head", "trace"}:
            if hasattr(api_view, method):
                found.add((route, method.upper()))
    return found


def find_route(address: str) -> str:
    try:
        return resolve(address.partition("?")[0].format(**SAMPLES)).route
    except Resolver404:
        return ""


def test_every_route_and_method_of_the_api_has_a_row():
    rows = {(find_route(row.address), row.method) for row in API}
    assert rows - {(r"api/v1/[\s\S]*$", "GET")} == list_api_methods()


def test_every_page_has_a_row():
    rows = {find_route(row.address) for row in ROWS}
    pages = {
        route
        for route, view in list_routes()
        if not hasattr(view, "cls") and not re.match(r"admin/(?!operations/)", route)
    }
    # Redirects of django-allauth from old addresses, and links out of its emails.
    allauth = {route for route in pages if re.match(r"accounts/(social/|\^|oidc/\^?\(\?P)", route)}
    assert {route.replace("^", "") for route in pages - allauth} <= {
        route.replace("^", "") for route in rows
    }


def list_admin_addresses() -> list[str]:
    routes = [route for route, _ in list_routes() if route.startswith("admin/")]
    return sorted({re.sub(r"<[^>]+>", "1", route) for route in routes if "(?P" not in route})


@pytest.mark.django_db
def test_admin_is_closed_to_listeners_and_its_tables_to_staff_without_permission():
    listener, staff = Client(), Client()
    listener.force_login(ListenerFactory(), "django.contrib.auth.backends.ModelBackend")
    staff.force_login(ListenerFactory(is_staff=True), "django.contrib.auth.backends.ModelBackend")
    addresses = list_admin_addresses()
    assert len(addresses) > 80
    for address in addresses:
        for client in (Client(), listener):
            response = client.get(f"/{address}")
            is_open = response.status_code == 200 and address != "admin/login/"
            assert not is_open, address
        if address not in OPEN_TO_ALL_STAFF:
            assert staff.get(f"/{address}").status_code in {302, 403, 404, 405}, address


@pytest.mark.parametrize("row", API, ids=str)
def test_api_says_what_a_route_takes(world, row):
    """OPTIONS is open to whom a GET or POST would be."""
    question = replace(row, method="OPTIONS", body=None, kind="nobody")
    response = call_undone(world, question, "listener")
    expected = {"/api/v1/nowhere": 404, "/api/v1/docs": 405}.get(row.address, 200)
    assert response.status_code == expected
    if response.status_code == 200:
        assert row.method in response["Allow"]
