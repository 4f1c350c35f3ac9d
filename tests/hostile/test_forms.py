"""Forms that nobody honest sends to a page: each is a 4xx, and leaves nothing behind."""

import pytest
from django.test import Client

from accounts.models import User

from .table import ROWS

FORM = "application/x-www-form-urlencoded"
POSTS = sorted(
    {row.address for row in ROWS if row.kind == "page" and row.method == "POST"} | {"/nowhere/"}
)
IDS = {"like": "1", "token": "1"}


@pytest.fixture
def visitor(db):
    """A browser to which a bug is a 500, as it is to people."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(db):
    yield
    assert User.objects.count() == 0


@pytest.mark.parametrize("address", POSTS)
@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "rot13"])
def test_form_in_another_charset_is_refused(visitor, address, charset):
    response = visitor.generic(
        "POST", address.format(**IDS), b"songs=a", f"{FORM}; charset={charset}"
    )
    assert 400 <= response.status_code < 500
    assert response["Content-Type"] == "text/html; charset=utf-8"
