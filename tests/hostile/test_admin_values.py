"""Values that nobody honest asks the admin for: never a server error."""

from collections.abc import Iterable
from itertools import cycle, product
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from tests.factories import ListenerFactory
from tests.tunetrace_site.replication.conftest import (  # noqa: F401
    pair,
    postgres_server,
    templates,
)
from tunetrace_site.replication.databases import POSTGRES
from tunetrace_site.replication.marks import is_in_service
from tunetrace_site.replication.unit import unit_of_work

pytestmark = pytest.mark.usefixtures("admin_without_sidebar")

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
ODD = ["99999", "-1", "0", "x", "", "9" * 30, "1e309", "\x00", "é", "None", "2026-02-31"]
LOOKUPS = ["year", "month", "day", "gte", "lt", "date", "isnull", "in", "range", "regex", "exact"]
PAGES = [{"p": value} for value in ODD] + [{"o": value} for value in ["99", "-99", "x", "1.2.x"]]
PAGES += [{"q": value} for value in ODD] + [{"_to_field": "password"}, {"e": "1"}, {"all": "x"}]


@pytest.fixture
def operator(db):
    return make_operator()


def make_operator() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(
        ListenerFactory(is_staff=True, is_superuser=True), "accounts.backends.EmailBackend"
    )
    return client


def list_filters(model) -> list[dict[str, str]]:
    """Every date of the model and its key, asked for in every way, by a value that cannot be."""
    fields = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateField) or field.primary_key
    ]
    ways = product(fields, LOOKUPS)
    return [
        {f"{name}__{lookup}": value}
        for (name, lookup), value in zip(ways, cycle(["99999", "x", "9" * 30, "-1"]))
    ]


def ask_for_each(operator: Client, model, queries: Iterable[dict[str, str]]) -> None:
    """Ask the list of a model for each of ``queries``: none is answered by a server error."""
    address = reverse(name_page(model, "changelist"))
    for query in queries:
        response = operator.get(f"{address}?{urlencode(query)}")
        assert response.status_code < 500, (address, query)


def name_page(model, page: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_no_query_of_a_list_is_a_server_error(operator, model, every):
    """All filters of each list; of what all lists read alike a third each, ten times in all."""
    pages = PAGES[REGISTERED.index(model) % every :: every]
    ask_for_each(operator, model, [*pages, *list_filters(model)])


@pytest.mark.parametrize(
    "values", [{"9" * 30, "\x00"}, pytest.param({*ODD, "x"}, marks=pytest.mark.slow)]
)
def test_no_query_is_a_server_error_where_postgres_answers(pair, settings, values):  # noqa: F811
    """PostgreSQL refuses values that SQLite takes: numbers too large, texts with a NUL."""
    settings.DB_READ_PREFERENCE = "postgres"
    with unit_of_work():
        operator = make_operator()
    for model in REGISTERED:
        queries = [*PAGES, *list_filters(model)]
        ask_for_each(operator, model, [query for query in queries if values & {*query.values()}])
    assert is_in_service(POSTGRES)


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("key", ["x", "9" * 30, "_5F"])
def test_no_row_that_cannot_be_is_a_server_error(operator, model, key):
    for page, by in product(("change", "delete", "history"), ("", "?_to_field=", "?_to_field=x")):
        response = operator.get(reverse(name_page(model, page), args=[key]) + by)
        assert response.status_code < 500, (page, by)
    for action in ("delete_selected", "revoke", "none"):
        form = {"action": action, "_selected_action": key, "post": "yes"}
        response = operator.post(reverse(name_page(model, "changelist")), form)
        assert response.status_code < 500, action


def list_fields(model) -> list[str]:
    """The fields that forms of the model may have."""
    return [field.name for field in model._meta.get_fields() if getattr(field, "editable", False)]


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("value", ["x", "9" * 30, "\x00", "2026-02-31"])
def test_no_value_for_a_new_row_is_a_server_error(operator, model, value):
    """Django fills the form of a new row with what stands in its address."""
    address = reverse(name_page(model, "add"))
    fields = list_fields(model)
    for names in ([name] for name in fields):
        query = urlencode(dict.fromkeys(names, value))
        assert operator.get(f"{address}?{query}").status_code < 500, query
    parts = [f"{name}{part}" for name in fields for part in ("", "_0", "_1")]
    assert operator.post(address, dict.fromkeys(parts, value)).status_code < 500
