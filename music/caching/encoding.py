"""Cached values as JSON, so that whoever can write to Redis cannot run code here."""

import json
from typing import Any

from music.records import Cause, ReadFacet, Suggestion, SuggestionList, read_fields_of

_SUGGESTION_LIST = "suggestion_list"
_read_suggestion = read_fields_of(Suggestion)
_read_cause = read_fields_of(Cause)
_read_facet = read_fields_of(ReadFacet)


def encode(value: Any) -> dict[str, Any]:
    """Return ``value``, a ``SuggestionList`` or plain JSON, as values that JSON can hold."""
    if isinstance(value, SuggestionList):
        return {"kind": _SUGGESTION_LIST, "value": _take_apart(value)}
    return {"kind": "json", "value": value}


def decode(stored: Any) -> Any:
    """Return the value that ``encode`` was given. Raises ``ValueError`` for anything else."""
    try:
        value = stored["value"]
        return _build_list(value) if stored["kind"] == _SUGGESTION_LIST else value
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a cached value: {error}") from error


def normalise(value: Any) -> Any:
    """Return ``value`` as Redis will return it. Raises ``TypeError`` for what JSON cannot hold."""
    return value if isinstance(value, SuggestionList) else load(dump(value))


def dump(value: Any) -> bytes:
    """Return ``value`` as compact JSON in ASCII. Raises ``TypeError`` or ``ValueError``."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def load(text: bytes) -> Any:
    """Return the value of a JSON text. Raises ``ValueError``, for endless nesting too."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def is_incomplete(value: Any) -> bool:
    """Return whether a suggestion list has unresolved songs or notices."""
    if isinstance(value, SuggestionList):
        return bool(value.unresolved or value.notices)
    return isinstance(value, dict) and bool(value.get("unresolved") or value.get("notices"))


def _take_apart(answer: SuggestionList) -> dict[str, Any]:
    """Return what ``dataclasses.asdict`` would, which copies each value and takes far longer."""
    return {
        "suggestions": [
            _read_suggestion(song) | {"because": [_read_cause(cause) for cause in song.because]}
            for song in answer.suggestions
        ],
        "unresolved": answer.unresolved,
        "notices": answer.notices,
        "read_as": [_read_facet(facet) for facet in answer.read_as],
    }


def _build_list(value: dict[str, Any]) -> SuggestionList:
    return SuggestionList(
        suggestions=tuple(_build_suggestion(fields) for fields in value["suggestions"]),
        unresolved=tuple(value["unresolved"]),
        notices=tuple(value["notices"]),
        read_as=tuple(ReadFacet(**facet) for facet in value["read_as"]),
    )


def _build_suggestion(fields: dict[str, Any]) -> Suggestion:
    because = tuple(Cause(**cause) for cause in fields["because"])
    return Suggestion(**{**fields, "because": because})
