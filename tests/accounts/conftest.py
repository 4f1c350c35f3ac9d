"""What the tests of accounts share."""

import pytest
from django.test import Client

from tests.factories import ListenerFactory


@pytest.fixture
def superuser(db):
    return ListenerFactory(is_staff=True, is_superuser=True)


@pytest.fixture
def admin_client(superuser) -> Client:
    client = Client()
    client.force_login(superuser)
    client.get("/admin/jsi18n/")  # the session notes when its operator's hours began
    return client
