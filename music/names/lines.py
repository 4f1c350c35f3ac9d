"""Removes numbers, times and playlist marks around song names in pasted lists.

Nothing is removed that may be part of the name: "JAY-Z - 4:44", "99 Luftballons", "#1 Crush".
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .normalization import normalize_key

_MAX_MARKS = 3
_LONGEST = 1000
_TIME = r"\d{1,3}:\d\d(?::\d\d)?"
_INFO = re.compile(r"\s*#EXTINF:\s*-?\d+(?:\.\d+)?[^,]*+,\s*", re.IGNORECASE)
_COMMENT = re.compile(r"\s*#(?:EXT|PLAYLIST)", re.IGNORECASE)
_NUMBER = re.compile(
    r"\s*(?:#?\d{1,4}[.):]\s+|\d{1,4}[.)](?=[^\W\d])|[(\[]\d{1,4}[)\]]\s+|[•*▪‣–—-]\s+)"
)
_PADDED = re.compile(r"\s*0\d{1,2}\s*-?\s+(?=[^\W\d].*\s[-–—]\s)")
_NUMBER_DASHED = re.compile(r"\s*\d{1,3}\s+-\s+(?=.*\S\s+[-–—]\s+\S)")
_BEGIN = re.compile(rf"\s*[(\[]?{_TIME}[)\]]?:?(?:\s*[-–—|]\s+|\s+)(?=\S)")
_END = re.compile(rf"(?<=[^\s])(?:\s*[-–—|,;]\s*|\s+)[(\[]?{_TIME}[)\]]?[\s,;]*$")
_DASH = re.compile(r"\S\s+[-–—|]\s+\S")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: its text without list marks, and the whole line.

    Its number counts from one and includes empty lines.
    """

    number: int
    text: str
    whole: str


def list_lines(text: str) -> Iterator[Line]:
    """Return the lines of a pasted list that may name something, without the marks of lists.

    From a playlist file (M3U) only the names are read: no comments, no file paths.
    """
    follows_info = False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        is_info = bool(_INFO.match(line))
        if not (follows_info and not is_info) and (is_info or not _COMMENT.match(line)):
            yield Line(number, strip_marks(line), line.strip())
        follows_info = is_info


def strip_marks(line: str) -> str:
    """Return a line without its number, times and marks: ``"1. 0:00 A - T (3:39)"`` -> ``"A - T"``.

    A line of which no name would be left stays as it is.
    """
    if len(line) > _LONGEST:
        return line.strip()
    text = html.unescape(_INFO.sub("", line, count=1) if _INFO.match(line) else line).strip()
    for _ in range(_MAX_MARKS):
        shorter = _strip_once(text)
        if shorter == text or not normalize_key(shorter):
            break
        text = shorter
    return text


def _strip_once(text: str) -> str:
    for pattern in (_NUMBER, _PADDED, _NUMBER_DASHED):
        if match := pattern.match(text):
            return text[match.end() :].strip()
    if (match := _BEGIN.match(text)) and _is_beside(match.group(), text[match.end() :]):
        return text[match.end() :].strip()
    if (match := _END.search(text)) and _is_beside(match.group(), text[: match.start()]):
        return text[: match.start()].strip()
    return text


def _is_beside(mark: str, rest: str) -> bool:
    """Return whether a time is no part of the name, unlike that in "JAY-Z - 4:44"."""
    is_dashed = any(sign in mark for sign in "-–—|")
    return bool(normalize_key(rest)) and (not is_dashed or bool(_DASH.search(rest)))
