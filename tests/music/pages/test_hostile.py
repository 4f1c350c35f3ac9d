"""Arbitrary bytes and texts into every form: never an error of ours."""

from urllib.parse import quote_from_bytes

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import SongFactory

FORMS = ["/likes/add/", "/import/", "/likes/song/", "/not-for-me/add/", "/plays/", "/theme/"]
FORMS += ["/likes/restore/", "/account/delete/", "/accounts/login/", "/accounts/signup/"]
FIELDS = ["songs", "playlist", "song", "kind", "theme", "next", "song_name", "confirm"]
FIELDS += ["login", "email", "password", "password1", "learn"]
PAGES = ["/search/?q=", "/search/?by=mood&q=", "/for-you/?genre=", "/for-you/?adventure="]
PAGES += ["/for-you/?limit=", "/likes/?page=", "/songs/", "/import/", "/likes/", "/"]
FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor():
    SongFactory.create_batch(3)
    return Client(raise_request_exception=False)


@FEW
@given(
    address=st.sampled_from(FORMS),
    fields=st.dictionaries(st.sampled_from(FIELDS), st.binary(max_size=300), max_size=5),
)
def test_a_form_of_arbitrary_bytes_is_accepted_or_refused(visitor, address, fields):
    body = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in fields.items())
    response = visitor.post(address, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code < 500, (address, body)


@FEW
@given(address=st.sampled_from(PAGES), value=st.binary(max_size=300))
def test_an_address_of_arbitrary_bytes_is_answered(visitor, address, value):
    response = visitor.get(address + quote_from_bytes(value))
    assert response.status_code < 500, (address, value)


@FEW
@given(address=st.sampled_from(PAGES), text=st.text(max_size=100))
def test_an_address_of_arbitrary_text_is_answered(visitor, address, text):
    response = visitor.get(address + quote_from_bytes(text.encode("utf-8", "surrogatepass")))
    assert response.status_code < 500, (address, text)
