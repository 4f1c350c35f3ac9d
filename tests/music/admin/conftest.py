"""What the tests of the operators' tables share."""

import pytest
from django.test import Client

from tests.factories import ListenerFactory


@pytest.fixture
def admin_client(db) -> Client:
    client = Client()
    client.force_login(ListenerFactory(is_staff=True, is_superuser=True))
    client.get("/admin/jsi18n/")  # the session notes when its operator's hours began
    return client
