"""The discovery document of google-api-python-client, which describes valid requests."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .refusals import Refused, bad_request

# Handled by Google's front end for every method.
_STANDARD = {"key", "fields", "alt", "prettyPrint", "quotaUser"}


@cache
def load_document() -> dict[str, Any]:
    """The document as JSON, without importing the client library (which takes a second)."""
    package = Path(find_spec("googleapiclient").origin).parent
    path = package / "discovery_cache" / "documents" / "youtube.v3.json"
    return json.loads(path.read_text(encoding="utf-8"))


def get_method(resource: str) -> dict[str, Any]:
    """The description of ``<resource>.list``."""
    return load_document()["resources"][resource]["methods"]["list"]


def check_parameters(resource: str, given: dict[str, list[str]]) -> None:
    """Raise the refusal that Google would send for an invalid parameter."""
    allowed = get_method(resource)["parameters"]
    for name, values in given.items():
        if name in _STANDARD:
            continue
        if name not in allowed:
            raise _unknown(name)
        for value in values:
            _check_value(name, value, allowed[name])
    for name, rule in allowed.items():
        if rule.get("required") and not given.get(name):
            raise bad_request("missingRequiredParameter", f"No filter selected. Missing: {name}.")


def _unknown(name: str) -> Refused:
    message = (
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message."
    )
    return bad_request("badRequest", message)


def _check_value(name: str, value: str, rule: dict[str, Any]) -> None:
    if "enum" in rule and value not in rule["enum"]:
        raise bad_request("invalidParameter", f"Invalid value '{value}' for {name}.")
    if rule["type"] == "boolean" and value not in ("true", "false"):
        raise bad_request("invalidParameter", f"Invalid value '{value}' for {name}.")
    if rule["type"] == "integer":
        if not value.isdigit():
            raise bad_request("invalidParameter", f"Invalid value '{value}' for {name}.")
        low, high = int(rule.get("minimum", 0)), int(rule.get("maximum", 2**31))
        if not low <= int(value) <= high:
            raise bad_request(
                "invalidParameter",
                f"Invalid value '{value}'. Values must be within the range: [{low}, {high}]",
            )
