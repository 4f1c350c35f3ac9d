"""What drf-spectacular cannot see: how callers are known, and the errors of every route."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema

from .serializers import ErrorSerializer


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token (ttu_…) or a service key (tts_…).",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.authentication.ListenerSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A browser's session; writes need the X-CSRFToken header too.",
        }


_ERRORS = {
    400: "A value cannot be accepted; `fields` names it.",
    401: "Sign in, or send a valid token or key.",
    403: "You may not do this.",
    404: "There is no such thing, or it is not yours.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "Nothing can answer right now; `Retry-After` says when to come back.",
}
ALWAYS = (429,)


def document(
    tag: str, answers: dict[int, Any], errors: tuple[int, ...] = (), **details: Any
) -> Any:
    """``extend_schema`` with the errors that the route can answer, all of one shape."""
    responses = dict(answers)
    example = getattr(details.get("request"), "example", None)
    if example:
        details["examples"] = [OpenApiExample("example", value=example, request_only=True)]
    for status in sorted({*errors, *ALWAYS}):
        responses[status] = OpenApiResponse(ErrorSerializer, _ERRORS[status])
    return extend_schema(tags=[tag], responses=responses, **details)


def keep_one_spelling(endpoints: list[Any]) -> list[Any]:
    """Document each route once: under ``/api/v1/``, without the slash at its end."""
    return [
        endpoint
        for endpoint in endpoints
        if endpoint[0].startswith("/api/v1/") and not endpoint[0].endswith("/")
    ]
