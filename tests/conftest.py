"""Fixtures every test may use."""

import pytest

from music.caching import stack
from music.catalogue import stored

pytest_plugins = ["tests.servers.youtube_fixture"]


@pytest.fixture(autouse=True)
def empty_caches():
    """No test is answered by what another one left in a cache."""
    stack.forget_everything()
    stored.songs.forget()
