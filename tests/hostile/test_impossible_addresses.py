"""Addresses that PostgreSQL refuses to be asked for: each is a 404, and never a server error."""

import re

import pytest
from django.test import Client

from tests.tunetrace_site.replication.conftest import (  # noqa: F401
    pair,
    postgres_server,
    templates,
)
from tunetrace_site.checks import list_routes
from tunetrace_site.replication.databases import POSTGRES
from tunetrace_site.replication.marks import is_in_service

_PARAMETER = re.compile(r"\(\?P<[^>]+>[^)]*\)|<[^>]+>")


def list_addresses(value: str) -> list[str]:
    """The addresses of all routes that have parameters, each of them with ``value`` for all."""
    routes = {route.strip("^$") for route, _ in list_routes() if _PARAMETER.search(route)}
    return sorted("/" + _PARAMETER.sub(value, route) for route in routes)


@pytest.mark.parametrize("value", ["%00", "a%00b"])
def test_address_with_a_nul_has_nothing_where_postgres_answers(pair, settings, value):  # noqa: F811
    settings.DB_READ_PREFERENCE = "postgres"
    browser = Client(raise_request_exception=False)
    addresses = list_addresses(value)
    assert len(addresses) > 100
    for address in addresses:
        for ask in (browser.get, browser.post):
            assert ask(address).status_code == 404, address
    assert is_in_service(POSTGRES)
