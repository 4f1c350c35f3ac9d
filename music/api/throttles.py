"""The limit on requests of one API caller in a minute."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from music.caching.request_counts import counter
from tunetrace_site.addresses import get_client_address

if TYPE_CHECKING:  # the view's own settings import this module
    from rest_framework.views import APIView


class CallerThrottle(BaseThrottle):
    """Counts anonymous callers by address, listeners by themselves, service keys not at all.

    The cost of a request beyond its first point is added when it has been answered
    (``music.pages.throttle``).
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        user = request.user
        if not user.is_authenticated:
            return admit_anonymous(request._request)
        return user.pk is None or admit_listener(request._request, user.pk)

    def wait(self) -> float:
        return counter.seconds_left()


def admit_anonymous(request: HttpRequest) -> bool:
    """Count one request of the caller's address; return whether it is within the limit."""
    name = f"a:{get_client_address(request)}"
    return _admit(request, name, settings.ANONYMOUS_REQUESTS_PER_MINUTE)


def admit_listener(request: HttpRequest, listener_pk: int) -> bool:
    """Count one request of a listener; return whether it is within the limit."""
    return _admit(request, f"l:{listener_pk}", settings.LISTENER_REQUESTS_PER_MINUTE)


def _admit(request: HttpRequest, name: str, limit: int) -> bool:
    vars(request).update(counted_as=name, counted_limit=limit)
    return counter.admit(name, limit)
