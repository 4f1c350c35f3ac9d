"""The limit on requests of one API caller in a minute."""

from typing import TYPE_CHECKING

from django.conf import settings
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
            name = f"a:{get_client_address(request._request)}"
            limit = settings.ANONYMOUS_REQUESTS_PER_MINUTE
        elif user.pk is None:
            return True
        else:
            name, limit = f"l:{user.pk}", settings.LISTENER_REQUESTS_PER_MINUTE
        vars(request._request).update(counted_as=name, counted_limit=limit)
        return counter.admit(name, limit)

    def wait(self) -> float:
        return counter.seconds_left()
