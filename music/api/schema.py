"""What drf-spectacular cannot see: how callers are known, and what every route refuses."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiExample, OpenApiResponse, extend_schema

from .serializers import ErrorSerializer


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "music.api.authentication.RememberingBearerAuthentication"
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


class ClosedBody(OpenApiSerializerExtension):
    """Unknown fields of a body are refused."""

    target_class = "music.api.fields.RequestSerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        fields = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**fields, "additionalProperties": False}


_ERRORS = {
    400: "A value cannot be accepted; `fields` names it.",
    401: "Sign in, or send a valid token or key.",
    403: "You may not do this.",
    404: "There is no such thing, or it is not yours.",
    413: "The file is longer than 20 MB.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "Nothing can answer right now; `Retry-After` says when to come back.",
}
ALWAYS = (401, 429)
"""A route that is open to all refuses a wrong token all the same."""


def document(
    tag: str, answers: Mapping[Any, Any], errors: tuple[int, ...] = (), **details: Any
) -> Any:
    """``extend_schema`` with the errors that the route can answer, all of one shape."""
    responses = dict(answers)
    asked = details.get("request")
    asked = asked.get("application/json") if isinstance(asked, dict) else asked
    example = getattr(asked, "example", None)
    if example:
        details["examples"] = [
            OpenApiExample(
                "example", value=example, request_only=True, media_type="application/json"
            )
        ]
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
