"""Whose address counts: the peer's, or what trusted proxies saw."""

import pytest
from django.test import RequestFactory

from tunetrace_site.addresses import get_client_address, shorten_address

PEER = "198.51.100.1"


@pytest.mark.parametrize(
    ("n_proxies", "forwarded", "address"),
    [
        (0, None, PEER),
        (0, "203.0.113.1", PEER),
        (1, None, PEER),
        (1, "", PEER),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "10.0.0.1, 203.0.113.1", "203.0.113.1"),
        (2, "10.0.0.1, 203.0.113.1, 192.0.2.9", "203.0.113.1"),
        (2, "203.0.113.1", "203.0.113.1"),
        (1, "2001:db8:0:1::5", "2001:0db8:0000:0001"),
        (1, "a" * 500, "a" * 64),
    ],
)
def test_address_is_the_one_that_the_first_trusted_proxy_saw(
    settings, n_proxies, forwarded, address
):
    settings.TRUSTED_PROXIES = n_proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=PEER)
    assert get_client_address(request) == address


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2::99", "2001:0db8:0001:0002"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("not:an:address", "not:an:address"),
    ],
)
def test_ipv6_callers_are_counted_by_network(address, counted_as):
    assert shorten_address(address) == counted_as
