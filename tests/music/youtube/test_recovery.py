"""How it is noticed that YouTube answers again, against a real server."""

import time

import pytest

from music.errors import SourceUnavailable


@pytest.fixture
def cut_off(gateway, youtube_server):
    """A gateway whose server has stopped answering, and which looks for it often."""
    gateway._api.breaker.reset_seconds = 0.05
    youtube_server.fail("close")
    with pytest.raises(SourceUnavailable):
        gateway.search("song", caller="listener")
    return gateway


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


def test_recovery_is_found_by_a_probe_that_costs_no_quota(cut_off, youtube_server):
    youtube_server.reset()
    wait_until(lambda: cut_off.is_answering)
    assert youtube_server.report()["searches"] == youtube_server.report()["units"] == 0
    cut_off.search("song", caller="listener")
    assert youtube_server.report()["searches"] == 1


@pytest.mark.parametrize("mode", ["garbage", "list", "null", "truncated", "empty"])
def test_page_of_a_network_in_between_is_no_recovery(mode, cut_off, youtube_server):
    youtube_server.reset()
    youtube_server.fail(mode)
    wait_until(lambda: youtube_server.report()["probes"] >= 3)
    assert not cut_off.is_answering
    youtube_server.reset()
    wait_until(lambda: cut_off.is_answering)
