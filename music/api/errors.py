"""Errors as HTTP responses in one shape.

Every error is ``{"detail": sentence, "code": word, "status": number, "title": its meaning}``, with
``"hint"`` where there is something to do about it and ``"fields": {name: [sentence, ...]}`` where
fields of the request are at fault.
"""

import math
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from rest_framework import status
from rest_framework.exceptions import NotAuthenticated, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from music.errors import InvalidInput, TuneTraceError
from music.statuses import find_status
from tunetrace_site.body_limits import find_limit

from .parsers import BodyTooLarge, describe_limit

_HOW_TO_SIGN_IN = "Sign in, or send the header Authorization: Bearer with a token of yours."
DEFAULT_RETRY_AFTER_SECONDS = 60
API_PATH = re.compile(settings.CORS_URLS_REGEX)
BODY = "body"
"""The name of the request's body as a whole in ``fields``."""


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response to an expected error; None lets Django report an unexpected one (500)."""
    if isinstance(error, TuneTraceError):
        return _answer_domain_error(error)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        fields = flatten_fields(error.detail)
        response.data = _describe_fields(fields, response.status_code)
    else:
        detail = response.data.get("detail", "")
        code = getattr(detail, "code", "error")
        response.data = describe_problem(response.status_code, detail, code)
        if isinstance(error, NotAuthenticated):
            response.data["hint"] = _HOW_TO_SIGN_IN
    return response


def answer_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's ``handler400``: the request could not be read at all, or is too large (413)."""
    if isinstance(exception, RequestDataTooBig):
        limit = find_limit(request.path_info, request.META.get("CONTENT_TYPE") or "")
        return _answer_outside_views(request, 413, BodyTooLarge.default_code, describe_limit(limit))
    return _answer_outside_views(request, 400, "bad_request", "This request cannot be understood.")


def answer_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's ``handler404``."""
    return _answer_outside_views(request, 404, "not_found", "There is nothing at this address.")


def answer_server_error(request: HttpRequest) -> HttpResponse:
    """Django's ``handler500``."""
    detail = "Something went wrong here, not with your request."
    return _answer_outside_views(request, 500, "error", detail)


def _answer_outside_views(
    request: HttpRequest, status_code: int, code: str, detail: str
) -> HttpResponse:
    """Return an error in the API's shape to a program, as a page to a person.

    Django's own handlers look for a CSRF token first: they read the unreadable form once more, and
    end in a bare 500.
    """
    if API_PATH.match(request.path):
        return JsonResponse(describe_problem(status_code, detail, code), status=status_code)
    return HttpResponse(render_to_string(f"{status_code}.html"), status=status_code)


def _answer_domain_error(error: TuneTraceError) -> Response:
    code = find_status(error)
    data = describe_problem(code, error.message, error.code)
    if isinstance(error, InvalidInput):
        data = _describe_fields({error.field: [error.message]}, code, error.code)
    if error.hint:
        data["hint"] = error.hint
    response = Response(data, status=code)
    if code == status.HTTP_503_SERVICE_UNAVAILABLE:
        response["Retry-After"] = str(_seconds_until_retry(error))
    return response


def _seconds_until_retry(error: TuneTraceError) -> int:
    until = getattr(error, "until", None)
    if until is not None:
        return max(1, math.ceil((until - datetime.now(UTC)).total_seconds()))
    return math.ceil(getattr(error, "retry_after_seconds", None) or DEFAULT_RETRY_AFTER_SECONDS)


def describe_problem(status_code: int, detail: str, code: str) -> dict[str, Any]:
    """Return a description of an error, with the members of problem details (RFC 9457).

    ``detail`` is for people, ``code`` (one of ``CODES``) for programs.
    """
    title = HTTPStatus(status_code).phrase
    return {"detail": detail, "code": code, "status": status_code, "title": title}


def _describe_fields(
    fields: dict[str, list[str]], status_code: int, code: str = InvalidInput.code
) -> dict[str, Any]:
    first_field, messages = next(iter(fields.items()))
    problem = describe_problem(status_code, f"{first_field}: {messages[0]}", code)
    return {**problem, "fields": fields}


def flatten_fields(detail: Any) -> dict[str, list[str]]:
    """Return DRF's nested error lists as one list of sentences per top-level field.

    ``{"songs": {3: ["Too long."]}}`` -> ``{"songs": ["Item 4: Too long."]}``.
    """
    if not isinstance(detail, dict):
        return {BODY: _sentences(detail)}
    return {
        BODY if name == "non_field_errors" else str(name): _sentences(messages)
        for name, messages in detail.items()
    }


def _sentences(messages: Any) -> list[str]:
    if isinstance(messages, dict):
        return [
            f"Item {int(index) + 1}: {text}" if str(index).isdigit() else f"{index}: {text}"
            for index, nested in messages.items()
            for text in _sentences(nested)
        ]
    if isinstance(messages, list):
        return [text for message in messages for text in _sentences(message)]
    return [str(messages)]
