"""From which address a request comes, past the proxies that are trusted."""

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

_MAX_LENGTH = 64


def get_client_address(request: HttpRequest) -> str:
    """The address that the first of ``TRUSTED_PROXIES`` saw; an IPv6 one as its /64 network.

    With 0 trusted proxies ``X-Forwarded-For`` is a caller's claim, and the peer counts.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    n_proxies = settings.TRUSTED_PROXIES
    if not n_proxies or not forwarded[-1]:
        return shorten_address(peer)
    return shorten_address(forwarded[-min(n_proxies, len(forwarded))])


def shorten_address(address: str) -> str:
    """An IPv6 address as its /64 network, which one caller has all of; others as they are."""
    if ":" not in address:
        return address[:_MAX_LENGTH]
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:_MAX_LENGTH]
    if not isinstance(parsed, IPv6Address):
        return address
    return parsed.ipv4_mapped.exploded if parsed.ipv4_mapped else parsed.exploded[:19]
