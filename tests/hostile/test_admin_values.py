"""Values that nobody honest asks the admin for: never a server error."""

from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from tests.factories import ListenerFactory

pytestmark = pytest.mark.django_db

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)
ODD = ["99999", "-1", "0", "x", "", "9" * 30, "1e309", "\x00", "é", "None", "2026-02-31"]
LOOKUPS = ["year", "month", "day", "gte", "lt", "date", "isnull", "in", "range", "regex", "exact"]
PAGES = [{"p": value} for value in ODD] + [{"o": value} for value in ["99", "-99", "x", "1.2.x"]]
PAGES += [{"q": value} for value in ODD] + [{"_to_field": "password"}, {"e": "1"}, {"all": "x"}]


@pytest.fixture
def operator():
    client = Client(raise_request_exception=False)
    client.force_login(
        ListenerFactory(is_staff=True, is_superuser=True), "accounts.backends.EmailBackend"
    )
    return client


def list_filters(model) -> list[dict[str, str]]:
    """Every date of the model and its key, asked for in every way, by values that cannot be."""
    fields = [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateField) or field.primary_key
    ]
    return [
        {f"{name}__{lookup}": value}
        for name in fields
        for lookup in LOOKUPS
        for value in ("99999", "x", "9" * 30)
    ]


def name_page(model, page: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_no_query_of_a_list_is_a_server_error(operator, model):
    address = reverse(name_page(model, "changelist"))
    for query in [*PAGES, *list_filters(model)]:
        response = operator.get(f"{address}?{urlencode(query)}")
        assert response.status_code < 500, query


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("key", ["x", "9" * 30, "_5F"])
def test_no_row_that_cannot_be_is_a_server_error(operator, model, key):
    for page in ("change", "delete", "history"):
        response = operator.get(reverse(name_page(model, page), args=[key]))
        assert response.status_code < 500, page
    for action in ("delete_selected", "revoke", "none"):
        form = {"action": action, "_selected_action": key, "post": "yes"}
        response = operator.post(reverse(name_page(model, "changelist")), form)
        assert response.status_code < 500, action
