"""What the tests of the API share: songs to suggest, and callers of each kind."""

import json

import pytest
from django.test import Client

from accounts.models import AccessToken, ServiceKey
from music.models import Song
from tests.factories import ListenerFactory, SongFactory


@pytest.fixture(autouse=True)
def _cold_start(own_index):
    """No index of another test is served."""


class ApiClient(Client):
    """A program: sends and reads JSON, with the credentials it was given."""

    def __init__(self, secret: str | None = None) -> None:
        super().__init__()
        if secret:
            self.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"

    def send(self, method: str, address: str, body: object = None):
        data = "" if body is None else json.dumps(body)
        return self.generic(method, address, data=data, content_type="application/json")


@pytest.fixture
def api() -> ApiClient:
    """A caller without credentials."""
    return ApiClient()


@pytest.fixture
def listener(db):
    return ListenerFactory()


@pytest.fixture
def listener_api(listener) -> ApiClient:
    """The listener's own program, with an access token."""
    token, secret = AccessToken.issue(user=listener, name="program")
    token.save()
    return ApiClient(secret)


@pytest.fixture
def service_api(db) -> ApiClient:
    """A separate front end, with a service key."""
    key, secret = ServiceKey.issue(name="front end")
    key.save()
    return ApiClient(secret)


@pytest.fixture
def songs(db):
    """Twelve rock songs and three of another genre."""
    rock = SongFactory.build_batch(12)
    pop = SongFactory.build_batch(3, genre="K-Pop", tags=["k-pop"])
    return Song.objects.bulk_create([*rock, *pop])
