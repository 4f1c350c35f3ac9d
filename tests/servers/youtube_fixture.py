"""Fixtures that start the YouTube server; a plugin of all tests (``tests/conftest.py``)."""

import gc
from collections.abc import Iterator

import pytest

from tests.servers.youtube import YouTubeServer, running_server
from tunetrace_site.machine.breaker import list_breakers


@pytest.fixture(scope="session")
def youtube_process() -> Iterator[YouTubeServer]:
    """One server with 40 artists and 400 songs for all tests of this worker."""
    with running_server() as server:
        yield server


@pytest.fixture
def youtube_server(youtube_process, settings, monkeypatch) -> Iterator[YouTubeServer]:
    """The server, with counters at zero and no faults, and settings that point to it.

    Background work that a test leaves is done before the test ends.
    """
    youtube_process.reset()
    youtube_process.configure(daily_searches=100, daily_units=10_000, latency_seconds=0)
    settings.YOUTUBE_API_KEY = youtube_process.key
    settings.YOUTUBE_API_ENDPOINT = youtube_process.url
    settings.YOUTUBE_DAILY_SEARCHES = 100
    settings.YOUTUBE_DAILY_UNITS = 10_000
    settings.YOUTUBE_TIMEOUT_SECONDS = 3.0
    from music.collecting import backlog
    from music.youtube.gateway import forget_gateway
    from music.youtube.outages import Outage

    monkeypatch.setattr(backlog, "GRACE_SECONDS", 0)
    forget_gateway()
    Outage(f"{youtube_process.url}/", seconds=0).end()
    yield youtube_process
    backlog.wait_for_growth()
    forget_gateway()
    if any(breaker.state != "closed" for breaker in list_breakers()):
        gc.collect()  # an open breaker of a forgotten gateway must not go on probing


@pytest.fixture
def gateway(youtube_server, transactional_db):
    """The gateway of this process, connected to the server."""
    from music.youtube.gateway import get_gateway

    return get_gateway()
