"""Whatever JSON comes in, at whatever endpoint: never a 5xx."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from music.models import Song
from tests.factories import SongFactory
from tests.music.api.conftest import ApiClient

from .table import API as ROWS
from .test_access import list_api_methods

FIELDS = sorted({field for row in ROWS for field in row.body or {}} | {"user_id", "genre", "limit"})
texts = st.text(max_size=30) | st.sampled_from(
    ["a" * 200, "a" * 256, "Artist 1", "other/song", "\x00", "\ud800", "play", "any", "Rock", ""]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from([0, 1, -1, 10, 50, 2**63, 10**400, 1e308])
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
bodies = st.one_of(
    st.dictionaries(st.sampled_from(FIELDS), values | st.lists(texts, max_size=4), max_size=5),
    values,
)
WRITES = sorted({(row.method, row.address) for row in ROWS if row.method in {"POST", "PATCH"}})
IDS = {
    "like": "1",
    "token": "1",
    "reference": "other/song",
    "import": "0123456789abcdef",
    "mix": "0123456789abcdef",
    "share": "0123456789abcdef",
}


def test_every_endpoint_that_takes_a_body_is_thrown_at():
    taking = {method for _, method in list_api_methods()} - {"GET", "DELETE"}
    assert taking == {method for method, _ in WRITES}


@pytest.mark.parametrize("caller", ["listener_api", "service_api", "api"])
@pytest.mark.parametrize(("method", "address"), WRITES)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=bodies)
def test_no_json_makes_a_server_error(request, songs, caller, method, address, body):
    client = request.getfixturevalue(caller)
    Song.objects.bulk_create(
        [SongFactory.build(artist="Other", title="Song")], ignore_conflicts=True
    )
    before = User.objects.count()
    response = client.send(method, address.format(**IDS), body)
    assert response.status_code < 500, response.content[:500]
    if response.status_code >= 400:
        assert json.loads(response.content)["detail"]
        assert User.objects.count() == before, "a refused request made a listener"


@pytest.mark.parametrize("caller", ["listener_api", "service_api"])
@pytest.mark.parametrize(
    "address", [row.address.partition("?")[0] for row in ROWS if row.method == "GET"]
)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(query=st.dictionaries(st.sampled_from([*FIELDS, "offset", "format"]), texts, max_size=4))
def test_no_query_string_makes_a_server_error(request, songs, caller, address, query):
    client: ApiClient = request.getfixturevalue(caller)
    sendable = {
        name: text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        for name, text in query.items()
    }
    response = client.get(address.format(**IDS), sendable)
    assert response.status_code < 500, response.content[:500]
