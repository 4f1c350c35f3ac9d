"""How it is noticed that YouTube answers again, against a real server."""

import pytest

from music.errors import SourceUnavailable
from tests.waiting import wait_until


def cut_off(gateway, youtube_server, mode):
    """Let the server fail in this way, and the gateway notice and look for it often."""
    gateway._api.breaker.reset_seconds = 0.05
    youtube_server.fail(mode)
    with pytest.raises(SourceUnavailable):
        gateway.search("song", caller="listener")


def test_recovery_is_found_by_a_probe_that_costs_no_quota(gateway, youtube_server):
    cut_off(gateway, youtube_server, "close")
    youtube_server.reset()
    wait_until(lambda: gateway.is_answering)
    assert youtube_server.report()["searches"] == youtube_server.report()["units"] == 0
    gateway.search("song", caller="listener")
    assert youtube_server.report()["searches"] == 1


@pytest.mark.parametrize("mode", ["garbage", "list", "null", "truncated", "empty"])
def test_page_of_a_network_in_between_is_no_recovery(mode, gateway, youtube_server):
    cut_off(gateway, youtube_server, mode)
    wait_until(lambda: youtube_server.report()["probes"] >= 3)
    assert not gateway.is_answering
    youtube_server.reset()
    wait_until(lambda: gateway.is_answering)
