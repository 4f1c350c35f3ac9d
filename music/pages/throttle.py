"""The limit on pages for one address in a minute, and the cost of every request.

A request costs a point, and one more for each ``CPU_SECONDS`` of processor time that it took, so
that uncached work costs more. Requests to YouTube have budgets of their own
(``music.youtube.budgets``).
"""

import math
import re
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from music.caching.request_counts import counter
from tunetrace_site.addresses import get_client_address

GetResponse = Callable[[HttpRequest], HttpResponse]

CPU_SECONDS = 0.02
MAX_POINTS = 25
"""The most points of one request: the first one of a process loads what later ones find loaded."""
_NOT_PAGES = re.compile(rf"{settings.CORS_URLS_REGEX}|^/metrics")


class ThrottleMiddleware:
    """Refuses pages to an address over its limit, and charges each request its cost."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _NOT_PAGES.match(request.path):
            name = vars(request)["counted_as"] = f"p:{get_client_address(request)}"
            if not counter.admit(name, settings.PAGES_PER_MINUTE):
                return _refuse(request)
        began = time.thread_time()
        response = self.get_response(request)
        # The API's throttle has recorded whom it counted; it does not count service keys.
        if counted := vars(request).get("counted_as"):
            points = min(int((time.thread_time() - began) / CPU_SECONDS), MAX_POINTS)
            counter.charge(counted, points)
            if limit := vars(request).get("counted_limit"):
                response["RateLimit-Limit"] = str(limit)
                response["RateLimit-Remaining"] = str(counter.points_left(counted, limit))
                response["RateLimit-Reset"] = str(math.ceil(counter.seconds_left()))
        return response


def _refuse(request: HttpRequest) -> HttpResponse:
    seconds = max(1, round(counter.seconds_left()))
    response = render(request, "429.html", {"seconds": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    return response
