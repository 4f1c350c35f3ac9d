"""What the tests of the pages share: songs, and browsers of each kind of visitor."""

import re
from html import unescape

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import ListenerFactory, SongFactory


@pytest.fixture(autouse=True)
def _cold_start(own_index):
    """No index of another test is served."""


class Browser(Client):
    """Sends what a browser sends; ``script`` posts as htmx does."""

    def script(self, address: str, data: dict[str, object]):
        return self.post(address, data, headers={"HX-Request": "true"})


@pytest.fixture
def guest(db) -> Browser:
    """A browser that nobody has signed in with; a row is made at its first like."""
    return Browser()


@pytest.fixture
def listener(db) -> User:
    return ListenerFactory()


@pytest.fixture
def browser(listener) -> Browser:
    """The browser of a signed-in listener."""
    browser = Browser()
    browser.force_login(listener, "django.contrib.auth.backends.ModelBackend")
    return browser


@pytest.fixture
def songs(db):
    """Twelve songs of one genre and six artists, enough to suggest from."""
    return [SongFactory(artist=f"Artist {n % 6}") for n in range(12)]


def titles_of(response) -> list[str]:
    """The titles of the songs that a page shows as cards, in their order."""
    pattern = r'<h2 class="card-title">\s*<a [^>]*>([^<]*)</a>'
    return [unescape(title) for title in re.findall(pattern, response.text)]


def states_of(response) -> list[str]:
    """What the page says the listener thinks of each song it shows."""
    return re.findall(r'data-state="(\w+)"', response.text)
