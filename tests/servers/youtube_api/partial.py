"""Partial responses: ``fields=items(id,snippet/title),nextPageToken``."""

import re
from functools import lru_cache
from typing import Any

from .discovery import get_method, load_document
from .refusals import bad_request

Selection = dict[str, "Selection"]
_TOKEN = re.compile(r"[A-Za-z0-9_*]+|[(),/]")


def select(answer: dict[str, Any], fields: str, resource: str) -> dict[str, Any]:
    """Return the part of ``answer`` that ``fields`` names; refuse fields it cannot have."""
    return _pick(answer, _read_selection(fields, resource))


@lru_cache(maxsize=64)
def _read_selection(fields: str, resource: str) -> Selection:
    selection = parse_fields(fields)
    _check(selection, get_method(resource)["response"]["$ref"])
    return selection


def parse_fields(fields: str) -> Selection:
    """A tree of the names asked for; an empty branch asks for everything below."""
    tokens = _TOKEN.findall(fields)
    if "".join(tokens) != fields:
        raise _invalid(fields)
    selection, rest = _parse_list(tokens)
    if rest:
        raise _invalid(fields)
    return selection


def _parse_list(tokens: list[str]) -> tuple[Selection, list[str]]:
    selection: Selection = {}
    while tokens:
        name, branch, tokens = _parse_path(tokens)
        selection.setdefault(name, {}).update(branch)
        if not tokens or tokens[0] != ",":
            break
        tokens = tokens[1:]
    return selection, tokens


def _parse_path(tokens: list[str]) -> tuple[str, Selection, list[str]]:
    name, tokens = tokens[0], tokens[1:]
    if tokens[:1] == ["/"]:
        below, branch, tokens = _parse_path(tokens[1:])
        return name, {below: branch}, tokens
    if tokens[:1] == ["("]:
        branch, tokens = _parse_list(tokens[1:])
        if tokens[:1] != [")"]:
            raise _invalid(name)
        return name, branch, tokens[1:]
    return name, {}, tokens


def _check(selection: Selection, schema_name: str) -> None:
    properties = load_document()["schemas"][schema_name]["properties"]
    for name, branch in selection.items():
        if name not in properties:
            raise _invalid(name)
        rule = properties[name]
        below = rule.get("$ref") or rule.get("items", {}).get("$ref")
        if branch and not below:
            raise _invalid(name)
        if branch:
            _check(branch, below)


def _pick(value: Any, selection: Selection) -> Any:
    if not selection:
        return value
    if isinstance(value, list):
        return [_pick(item, selection) for item in value]
    return {k: _pick(v, selection[k]) for k, v in value.items() if k in selection}


def _invalid(what: str) -> Exception:
    return bad_request("invalidParameter", f"Request contains an invalid field selection {what}")
