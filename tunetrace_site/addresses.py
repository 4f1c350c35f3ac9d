"""The network address of the client behind a request, past the proxies that are trusted."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

_MAX_LENGTH = 64


def get_client_address(request: HttpRequest) -> str:
    """Return the address that the first of ``TRUSTED_PROXIES`` saw; IPv6 as its /64 network.

    With 0 trusted proxies ``X-Forwarded-For`` is not believed, and the peer's address counts.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    n_proxies = settings.TRUSTED_PROXIES
    if not n_proxies or not forwarded[-1]:
        return shorten_address(peer)
    return shorten_address(forwarded[-min(n_proxies, len(forwarded))])


def shorten_address(address: str) -> str:
    """Return an IPv6 address as its /64 network, all of which one caller owns; others unchanged."""
    if ":" not in address:
        return address[:_MAX_LENGTH]
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:_MAX_LENGTH]
    if not isinstance(parsed, IPv6Address):
        return address
    return parsed.ipv4_mapped.exploded if parsed.ipv4_mapped else parsed.exploded[:19]
