"""A real Chromium, driven over its own protocol, against a live server with the test database.

Nothing is installed here: ``make test`` does that. Without Chromium the tests fail.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from music.caching import stack
from music.domain import index
from tests.browser.chromium import ARGUMENTS, CHROMIUM, DESKTOP
from tests.factories import SongFactory, VideoFactory

TIMEOUT_MILLISECONDS = 30_000
ALONE = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
)
"""No page reaches YouTube. To look at each request instead would switch the browser's cache off."""
# Playwright keeps an event loop running in this thread, which Django takes for async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="package")
def chromium(django_db_setup):
    """One browser for all tests. It starts after the test database is made: once its event loop
    runs, Django keeps other connections for this thread."""
    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is not installed: tests/install_chromium.sh installs it.")
    expect.set_options(timeout=TIMEOUT_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *ALONE])
        yield browser
        browser.close()


@pytest.fixture
def songs(transactional_db):
    """Twelve songs of six artists; the YouTube ids are of no real video."""
    stack.forget_everything()
    index.forget()
    songs = [
        VideoFactory(
            song=SongFactory(artist=f"Artist {n % 6}", title=f"Title {n}", year=1960 + 5 * n)
        ).song
        for n in range(12)
    ]
    yield songs
    stack.forget_everything()
    index.forget()


def open_page(chromium: Browser, live_server, **options) -> Page:
    """A page of a new visitor."""
    context = chromium.new_context(base_url=live_server.url, **{"viewport": DESKTOP} | options)
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    return context.new_page()


@pytest.fixture
def page(chromium, live_server, songs):
    page = open_page(chromium, live_server)
    yield page
    page.context.close()


@pytest.fixture
def page_without_scripts(chromium, live_server, songs):
    page = open_page(chromium, live_server, java_script_enabled=False)
    yield page
    page.context.close()


@pytest.fixture(params=["page", "page_without_scripts"])
def any_page(request, live_server, songs):
    """The same story is told with scripts and without.

    What a page needs is named here too: the database must be made before the browser.
    """
    return request.getfixturevalue(request.param)
