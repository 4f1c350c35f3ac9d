"""Request bodies: strict JSON, without text that a database or a log could not hold.

Python's ``json`` takes ``NaN``, repeated keys and lone surrogates, and a body of brackets ends in a
``RecursionError``; PostgreSQL refuses NUL and surrogates where SQLite stores them. All of that is
refused here, for every endpoint at once.
"""

import json
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

MAX_DEPTH = 16
# Control characters but tab, line feed and carriage return; and halves of surrogate pairs.
FORBIDDEN_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


class BodyTooLarge(APIException):
    """The body has more bytes than any honest request."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self) -> None:
        super().__init__(describe_limit())


def describe_limit(n_bytes: int | None = None) -> str:
    """Return a sentence about the longest allowed body: ``n_bytes``, else the limit of JSON."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE if n_bytes is None else n_bytes
    return f"The body has more than {limit} bytes, the limit."


class StrictJSONParser(BaseParser):
    """``application/json`` in UTF-8, at most ``DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes."""

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the decoded value.

        Raise ``ParseError``, ``ValidationError`` or ``BodyTooLarge``.
        """
        body = _read(stream, parser_context)
        try:
            value = _DECODER.decode(body.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise ParseError(f"The body is not UTF-8 (byte {error.start}).") from None
        except RecursionError:
            raise ParseError(f"The body is nested more than {MAX_DEPTH} levels deep.") from None
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from None
        refuse_unstorable_text(value)
        return value


def _read(stream: IO[bytes], parser_context: Mapping[str, Any] | None) -> bytes:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    request = (parser_context or {}).get("request")
    announced = request.META.get("CONTENT_LENGTH") if request is not None else None
    if announced and announced.isdigit() and int(announced) > limit:
        raise BodyTooLarge
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise BodyTooLarge
    return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ValueError(f"{name!a} appears twice in one object")
            seen.add(name)
    return members


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique_pairs)


def refuse_unstorable_text(value: Any) -> None:
    """Raise for text with a control character or half a surrogate pair, naming its field."""
    if isinstance(value, dict):
        for name, member in value.items():
            if FORBIDDEN_CHARACTERS.search(name):
                raise ParseError("The name of a field has a control character.")
            _check(member, name, 1)
    else:
        _check(value, "", 1)


def _check(value: Any, field: str, depth: int) -> None:
    if isinstance(value, str):
        if not value.isprintable() and (found := FORBIDDEN_CHARACTERS.search(value)):
            raise _refusal(field, f"U+{ord(found[0]):04X} at position {found.start()}")
    elif isinstance(value, list | dict):
        if depth > MAX_DEPTH:
            raise ParseError(f"The body is nested more than {MAX_DEPTH} levels deep.")
        members = value if isinstance(value, list) else [*value.keys(), *value.values()]
        for member in members:
            _check(member, field, depth + 1)


def _refusal(field: str, what: str) -> APIException:
    message = f"Control characters and halves of surrogate pairs are not allowed: {what}."
    return ValidationError({field: [message]}) if field else ParseError(message)
