"""Several artists in one cell, as different programs join them."""

from collections.abc import Iterable

_ESCAPED = "\\,"
_PLACEHOLDER = "\x00"


def name_artist(cell: str) -> str:
    """Return the artists in ``cell`` as people write them.

    ``;`` always separates artists, and so does ``", "`` if another comma is escaped. Any other
    comma may be part of a name ("Earth, Wind & Fire") and stays: the resolver tries both.
    """
    text = cell.strip()
    if _ESCAPED in text:
        parts = text.replace(_ESCAPED, _PLACEHOLDER).split(",")
        return _join(part.replace(_PLACEHOLDER, ",") for part in parts)
    if ";" in text:
        return _join(text.split(";"))
    if "," in text and ", " not in text:
        return ", ".join(part.strip() for part in text.split(","))
    return text


def _join(parts: Iterable[str]) -> str:
    named = [part.strip() for part in parts if part.strip()]
    return " & ".join(named)
