"""Separators between the parts of a title: dashes, bars, a colon, "by", wide space."""

import re
from collections.abc import Callable

ROUND = str.maketrans("（）［］【】〔〕｛｝〈〉《》＂„«»「」『』", '()[][][]{}“”“”"““”“”“”')
"""Maps the brackets and quotes of all scripts to a few."""
DASH = re.compile(
    r"\s+[-–—―~‐‒−─━ー⁓﹣_]+\s+|\s*[—―–]\s*|\s+[-–—]+(?=\S)|(?<=[\w.!?)\"”！？])[-–]+\s+|,\s*[-–]+\s*(?=\S)"
)
BAR = re.compile(
    r"\s*[|｜•·★☆⎪❘¦►▶♫♪✦◆●]\s*|\s+/{2,}\s*|\s+(?:\\|>{1,2}|\*{1,3}|={1,2}|[▪›→➜➤➔➡⇒・⚡🎵🎶🔥✨⭐])\s+"
)
SLASH = re.compile(r"\s+/\s+")
COLON = re.compile(r"\s*[:：]\s+|(?<=[^\W_])_+\s+")
SUNG_BY = (
    r"(?:(?:performed|sung|as sung) by|(?:chantée?|interprétée?) par|gesungen von|"
    r"(?:cantad[oa]|interpretad[oa]) por|cantat[oa] da|esittää|laulaa|előadja|gezongen door)"
)
SUNG = re.compile(rf"(?<=[^\s,.])[\s,.]+\(?{SUNG_BY}\s+(?=[^\W_])", re.IGNORECASE)
BY = re.compile(r"\s+(?:by|By|BY)\s+(?=[^\Wa-z_])")
BY_IN_BRACKETS = re.compile(r"(?<=\S)\s+\(by\s+([^()]+)\)$", re.IGNORECASE)
OF_SOMEBODY = re.compile(r"\s+(?:von|van|de|di|par|av|af|od)\s+(?=[^\Wa-z_])")
"""Words for "by" that occur within songs' names too, so that a known artist must follow."""
SINGS = re.compile(
    r"\s+(?:sings|singt|singing|performs|performing|(?:zingt|chante|canta)(?=\s+[^\Wa-z_]))\s+"
)
TIGHT = re.compile(r"(?<=\w)[-~](?=\w)|(?<=[^\W_])_(?=[^\W_])")
DOTS = re.compile(r"(?<=\w)\.{3}\s*(?=\w)")
_WIDE = re.compile(r"\S(?:[ \u00a0\u3000]{2,}|\s*\t\s*)\S")
_INSIDE = re.compile(r"\([^()]*\)|\"[^\"]+\"|“[^”]+”")


def split_outside(separator: re.Pattern[str], text: str) -> list[str]:
    """Split ``text`` by ``separator``, but never inside round brackets or quotes."""
    hidden = _INSIDE.sub(lambda match: "\x00" * len(match.group()), text)
    parts, start = [], 0
    for match in separator.finditer(hidden):
        parts.append(text[start : match.start()])
        start = match.end()
    return [*parts, text[start:]]


def split_dashed(text: str, is_beside: Callable[[str], bool]) -> list[str]:
    """Split a text at its dashes.

    Of three segments the last two stay joined where the second dash is of another kind and the last
    segment is no decoration: ``"A - One – Two"`` -> ``"A", "One – Two"``.
    """
    segments = split_outside(DASH, text)
    if len(segments) != 3 or is_beside(segments[2]):
        return segments
    second = text.rfind(segments[2])
    dashes = (text[len(segments[0]) :].strip()[:1], text[:second].strip()[-1:])
    if len(set(dashes)) == 1:
        return segments
    return [segments[0], f"{segments[1]} {dashes[1]} {segments[2]}"]


def split_wide(text: str) -> list[str]:
    """Return the two parts that wide space separates; none where there are not two."""
    match = _WIDE.search(text)
    if match is None or _has_other(text):
        return []
    before, after = text[: match.start() + 1], text[match.end() - 1 :]
    is_whole = before.count("(") == before.count(")") and after[:1].isalnum()
    return [before, after] if is_whole and after[:3].casefold() != "by " else []


def _has_other(text: str) -> bool:
    """Return whether the text has a visible separator."""
    return bool(DASH.search(text) or BAR.search(text) or COLON.search(text))
