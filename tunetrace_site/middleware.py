"""Around every request: an id for its log lines, liveness, safe headers, a limit on its body."""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, get_resolver

from .body_limits import find_limit

NOT_FOUND = 404
GetResponse = Callable[[HttpRequest], HttpResponse]

_request_id: ContextVar[str] = ContextVar("request_id", default="-")
_LIVENESS_PATHS = {"/health", "/health/"}
_PLAYER = '(self "https://www.youtube-nocookie.com")'
_PERMISSIONS_POLICY = ", ".join(
    [
        f"{name}={_PLAYER}"
        for name in ("autoplay", "encrypted-media", "fullscreen", "picture-in-picture")
    ]
    + [
        f"{name}=()"
        for name in (
            "accelerometer",
            "browsing-topics",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "hid",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "serial",
            "usb",
            "xr-spatial-tracking",
        )
    ]
)
"""Features that only the player's frame may use; https://www.w3.org/TR/permissions-policy/."""
_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestIdFilter(logging.Filter):
    """Gives every log record the id of the request during which it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django logs a refused request after the middleware has ended, and passes the request
        # along.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", None) or _request_id.get()
        return True


class RequestIdMiddleware:
    """Takes ``X-Request-ID`` from a proxy, or makes one, and sends it with the response."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        offered = request.headers.get("X-Request-ID", "")
        request_id = offered if _ACCEPTABLE_ID.fullmatch(offered) else uuid.uuid4().hex[:12]
        vars(request)["request_id"] = request_id
        token = _request_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(token)
        response["X-Request-ID"] = request_id
        if not response.streaming and not response.has_header("Content-Length"):
            # Without it the web server has to close the connection to end the response.
            response["Content-Length"] = str(len(response.content))
        return response


class LivenessMiddleware:
    """Answers ``GET /health`` with ``{"status": "healthy"}``, whatever else is broken.

    It runs before the checks of host and scheme: a container or a load balancer asks by the
    machine's address and without TLS.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in _LIVENESS_PATHS:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return JsonResponse({"status": "healthy"})


class SafeHeadersMiddleware:
    """Sets headers for other sites, frames and caches where Django and the view set none.

    No cache keeps a response that a view did not call ``public`` or give an age: it may be private.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        # Packages loosen it, but nobody signs in to the API's documentation in a pop-up window.
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", _PERMISSIONS_POLICY)
        return response


class PolicyMiddleware(CSPMiddleware):
    """django-csp's middleware, which builds the unchanged policy only once.

    django-csp itself builds each policy for every response, and a second one, for reports only,
    which this site does not use.
    """

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self._policy = build_policy()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        has_own = any(name.startswith("_csp") for name in response.__dict__)
        if has_own or hasattr(request, "_csp_nonce") or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._policy)
        vars(request)["csp_nonce"] = CheckableLazyObject(self._csp_nonce_post_response)
        return response


class BodyLimitMiddleware:
    """Refuses a body longer than its address allows (``body_limits.py``), before it is read.

    Django itself limits forms as it reads them, but not the files in them.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        limit = find_limit(request.path_info, request.META.get("CONTENT_TYPE") or "")
        if announced.isdecimal() and int(announced[:20]) > limit:
            answer: Callable[..., HttpResponse] = get_resolver().resolve_error_handler(400)
            return answer(request, exception=RequestDataTooBig(announced[:20]))
        return self.get_response(request)


class PlainNotFoundMiddleware:
    """Answers an address without a route with the site's own page, also with DEBUG.

    Django would list all routes there. An address with a NUL has nothing either: PostgreSQL stores
    none, and refuses to be asked for one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            return _answer_not_found(request)
        response = self.get_response(request)
        is_route = request.resolver_match is not None or response.status_code != NOT_FOUND
        return response if is_route or not settings.DEBUG else _answer_not_found(request)


def _answer_not_found(request: HttpRequest) -> HttpResponse:
    answer: Callable[..., HttpResponse] = get_resolver().resolve_error_handler(NOT_FOUND)
    return answer(request, exception=Resolver404())
