"""Additions to drf-spectacular's OpenAPI document: authentication, and errors of every route."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
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
    """Says that unknown fields of a body are refused."""

    target_class = "music.api.fields.RequestSerializer"
    match_subclasses = True
    priority = 1

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        body = _map(self.target, auto_schema, direction)
        return {**body, "additionalProperties": False, **_describe_choice(self.target)}


class WholeAnswer(OpenApiSerializerExtension):
    """Says that an answer has every field, except those declared ``required=False``."""

    target_class = "rest_framework.serializers.Serializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        answer = _map(self.target, auto_schema, direction)
        if direction == "response":
            declared = self.target._declared_fields
            answer["required"] = sorted(
                name
                for name in answer["properties"]
                if name not in declared or declared[name].required or declared[name].read_only
            )
        return answer


def _describe_choice(form: Any) -> dict[str, Any]:
    """Return which fields must and must not be given together.

    The rule is below ``not``, since generators of clients take an object with ``anyOf`` for several
    objects.
    """
    refused: list[dict[str, Any]] = []
    if form.needs_one_of:
        refused.append({"not": _have_one_of(form.needs_one_of)})
    if form.excludes:
        refused.append(_have(*form.excludes))
    for (name, value), groups in form.needs_with.items():
        said = {"required": [name], "properties": {name: {"enum": [value]}}}
        for group in groups:
            refused.append({**said, "not": _have_one_of(group)})
    if not refused:
        return {}
    return {"not": refused[0] if len(refused) == 1 else {"anyOf": refused}}


def _have(*names: str) -> dict[str, Any]:
    """Return a schema of objects with these fields; linters want required fields declared."""
    return {"required": list(names), "properties": {name: {} for name in names}}


def _have_one_of(names: Sequence[str]) -> dict[str, Any]:
    """Return a schema of objects with at least one of these fields."""
    return {"anyOf": [_have(name) for name in names]} if len(names) > 1 else _have(*names)


class PrintableText(OpenApiSerializerFieldExtension):
    """Says that texts have no control characters, and at least one character that is no space.

    Nothing is said of texts that may be empty: drf-spectacular would take the pattern for one that
    no empty text fits.
    """

    target_class = "music.api.fields.Text"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        schema = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        if self.target.allow_blank:
            return schema
        signs = f"[^{_CONTROL}]*"
        return {**schema, "pattern": f"^{signs}[^{_SPACE}{_CONTROL}]{signs}$"}


_SPACE = r"\s"
_CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"


def _map(form: Any, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
    """Return a serializer's schema, described by its own docstring, not by a base class's."""
    schema = auto_schema._map_serializer(form, direction, bypass_extensions=True)
    if not vars(type(form)).get("__doc__"):
        schema.pop("description", None)
    return schema


_ANSWERS = {
    200: "The requested data.",
    201: "It was created; `Location` is its address.",
    202: "It has started; `Location` is where to ask for its progress.",
    204: "Done; the answer has no body.",
}
_ERRORS = {
    400: "A value cannot be accepted; `fields` names it.",
    401: "Sign in, or send a valid token or key.",
    403: "You may not do this.",
    404: "There is no such thing, or it is not yours.",
    409: "Not possible in the present state, or the `Idempotency-Key` was used before, with a "
    "different request.",
    411: "The length of the body is not given.",
    413: "The body is longer than it may be.",
    429: "Too many requests; `Retry-After` says when to come back.",
    503: "Not available right now; `Retry-After` says when to come back.",
}
ALWAYS = (401, 429)
"""Errors of every route: even one that is open to all refuses an invalid token."""


def document(
    tag: str,
    answers: Mapping[Any, Any],
    errors: tuple[int, ...] = (),
    *,
    summary: str,
    **details: Any,
) -> Any:
    """Return ``extend_schema`` with the errors that the route can answer, all of one shape.

    ``answers`` has a serializer for each status, or for each pair of a status and a media type. The
    description is the summary unless one is given: a view's docstring is for readers of the code.
    """
    responses = {key: _describe_answer(key, answer) for key, answer in answers.items()}
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
    details.setdefault("description", f"{summary}.")
    return extend_schema(tags=[tag], responses=responses, summary=summary, **details)


def _describe_answer(key: Any, answer: Any) -> OpenApiResponse:
    status = key[0] if isinstance(key, tuple) else key
    return OpenApiResponse(answer, _ANSWERS[status])


def keep_one_spelling(endpoints: list[Any]) -> list[Any]:
    """Document each route once: under ``/api/v1/``, without the slash at its end."""
    return [
        endpoint
        for endpoint in endpoints
        if endpoint[0].startswith("/api/v1/") and not endpoint[0].endswith("/")
    ]


def require_bodies(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Mark the body as required on routes that take one."""
    for methods in result["paths"].values():
        for operation in methods.values():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    return result
