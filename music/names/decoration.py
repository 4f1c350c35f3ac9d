"""Removes what surrounds a song's name: brackets, featured artists, words at its end."""

import re
from dataclasses import dataclass, field
from unicodedata import category

from . import patterns
from .endings import cut_artist_ending, cut_ending
from .normalization import name_key, normalize_key
from .separators import DASH
from .takes import Take, find_takes
from .words import says_something

EDGES = " \t-–—―|•·:;,~*/_"
_EDGES_INSIDE = f"{EDGES}+=!"
_BRACKETED = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]|\{([^{}]*)\}")
_UNCLOSED = re.compile(r"(?<=[^\s(\[])\s*+[(\[][^)\]]*$")
_WORDS_QUOTED = re.compile(r"(?<=\S) [\"“][^\"“”]{20,}[\"”]$")
_LEADING = re.compile(r"\s*\[([^\[\]]*)\]\s*(?=[\w\"“'(¿¡])")
_QUOTED_FIRST = re.compile(r"[\"“]([^\"“”]{2,})[\"”](.+)")
_TAKEN = "\x07"
_SHOWN = "\x08"
_QUOTES = {"'": "'", "‘": "’", '"': '"', "“": "”"}
_PICTURES = {"So", "Sk", "Cn", "Co", "Cs"}
_HIDE = str.maketrans("(){}", "\x03\x04\x05\x06")
_SHOW = str.maketrans("\x01\x02\x03\x04\x05\x06", "()()()")


@dataclass(slots=True)
class Notes:
    """What was learned of a title while parts of it were removed."""

    takes: set[Take] = field(default_factory=set)
    featured: list[str] = field(default_factory=list)


def take_leading_bracket(text: str, notes: Notes) -> str:
    """Return ``text`` without the square bracket at its beginning, where a name follows.

    Such a bracket tells the kind of video or its uploader: ``"[MV] IU - Eight"``, ``"[Some Radio] A
    - B"``.
    """
    match = _LEADING.match(text)
    if match is None:
        return text
    rest = text[match.end() :]
    return rest if is_beside(match[1].strip(EDGES), notes) or DASH.search(rest) else text


def take_brackets(text: str, notes: Notes) -> str:
    """Return ``text`` without brackets that are not part of the song's name.

    ``cut_segment`` and ``join_segment`` know where they were.
    """

    def judge(match: re.Match[str]) -> str:
        inner = next(group for group in match.groups() if group is not None).strip(_EDGES_INSIDE)
        if is_beside(join_segment(inner), notes):
            shown = _SHOWN if patterns.SHOWN.fullmatch(inner.casefold()) else ""
            return f" {_TAKEN}{shown} "
        return match.group().replace("[", "\x01").replace("]", "\x02").translate(_HIDE)

    previous = None
    while previous != text:
        previous, text = text, _BRACKETED.sub(judge, text)
    text = " ".join(text.translate(_SHOW).split())
    shorter = _UNCLOSED.sub("", text)  # a title that YouTube or somebody's export cut off
    return shorter if name_key(shorter) else text


def join_segment(text: str) -> str:
    """Return ``text`` as if the removed brackets had never been there."""
    return " ".join(text.replace(_TAKEN, " ").replace(_SHOWN, " ").split())


def was_song_shown(segment: str) -> bool:
    """Return whether a removed bracket names a kind of video: "Hello (Official Video) - ..."."""
    return _SHOWN in segment and bool(name_key(segment.partition(_TAKEN)[0]))


def cut_segment(segment: str, notes: Notes) -> str:
    """Return the part of a segment before its first removed bracket; the rest is decoration too."""
    before, _, after = segment.partition(_TAKEN)
    if not name_key(before):
        return join_segment(after)
    quote = before.lstrip()[:1]
    if quote in _QUOTES and after.replace(_SHOWN, "").strip().startswith(_QUOTES[quote]):
        before = before.lstrip()[1:]  # the bracket stood inside the quotes
    take_featured(f"x {join_segment(after)}", notes)
    return before


def is_beside(text: str, notes: Notes) -> bool:
    """Return whether a bracket or segment is decoration, a take or featured artists; note those."""
    if not name_key(text):
        return True
    if match := patterns.FEATURING.match(f" {text}"):
        _note_featured(f" {text}"[match.end() :], notes)
        return True
    if guests := _find_guests(text):
        _note_featured(guests, notes)
        return True
    parts = DASH.split(text)  # "(Official Video - Top Gun)", "(Diss Track - Official Audio)"
    ends = dict.fromkeys((parts[0], parts[-1])) if len(parts) > 1 else ()
    return _is_decoration(text, notes) or any(_is_decoration(part, notes) for part in ends)


def is_beside_as_a_whole(text: str) -> bool:
    """Return whether no word of a segment names anything: "1985 HD", but not "Hello Video"."""
    lowered = text.casefold().strip()
    return is_surely_beside(text) or bool(
        patterns.DECORATION_ONLY.fullmatch(lowered) or patterns.VERSION_ONLY.fullmatch(lowered)
    )


def is_surely_beside(text: str) -> bool:
    """Return whether a segment is no song's name even when nothing else follows the artist."""
    lowered = text.casefold().strip()
    return not name_key(text) or bool(
        patterns.SURELY_BESIDE.fullmatch(lowered) or patterns.FEATURING.match(f" {lowered}")
    )


def take_featured(part: str, notes: Notes) -> str:
    """Return ``part`` without featured artists, if anything stands before them; note them."""
    match = patterns.FEATURING.search(part)
    if match is None or not name_key(part[: match.start()]):
        return part
    _note_featured(part[match.end() :], notes)
    return part[: match.start()]


def trim(part: str, notes: Notes) -> str:
    """Return a song's name without endings, featured artists, years and stray signs."""
    part, previous = take_featured(part, notes), None
    while previous != part:
        previous = part
        shorter = cut_ending(_take_quoted(part, notes))
        notes.takes |= find_takes(part[len(shorter) :])
        part = _unquote(strip_symbols(_WORDS_QUOTED.sub("", shorter)))
    return part


def trim_artist(part: str) -> str:
    """Return an artist's name without endings and stray signs."""
    previous = None
    while previous != part:
        previous = part
        part = _unquote(strip_symbols(cut_artist_ending(part)))
    return part


def strip_symbols(part: str) -> str:
    """Return ``part`` without symbols and emoji at its ends."""
    start, end = 0, len(part)
    while end > start and (part[end - 1] in EDGES or category(part[end - 1]) in _PICTURES):
        end -= 1
    while start < end and (part[start] in EDGES or category(part[start]) in _PICTURES):
        start += 1
    return part[start:end]


def _is_decoration(text: str, notes: Notes) -> bool:
    lowered = text.casefold()
    found = find_takes(text)
    is_one = (
        patterns.DECORATION_ONLY.fullmatch(lowered)
        or patterns.ENDS_BESIDE.fullmatch(lowered)
        or patterns.VERSION_LEADING.fullmatch(lowered)
        or patterns.TAKE.fullmatch(lowered)
        or (
            (found or patterns.SAME_TAKE.search(lowered))
            and patterns.VERSION_ONLY.fullmatch(lowered)
        )
    )
    if is_one:
        notes.takes |= found
    return bool(is_one)


def _find_guests(text: str) -> str:
    """Return the names after "with" in a bracket; "" where it is a part of the song's name."""
    names = text.partition(" ")[2] if patterns.GUESTS.fullmatch(text) else ""
    return "" if says_something(normalize_key(names)) else names


def _note_featured(text: str, notes: Notes) -> None:
    names = (name.strip(EDGES + "()[]\"'") for name in patterns.NAMES.split(text))
    notes.featured += [name for name in names if normalize_key(name)]


def _take_quoted(part: str, notes: Notes) -> str:
    """Return the quoted beginning of a part, where all that follows is decoration."""
    match = _QUOTED_FIRST.fullmatch(part)
    return match[1] if match and is_beside(match[2].strip(EDGES), notes) else part


def _unquote(part: str) -> str:
    for mark in ('"', "“”", "'"):
        if len(part) > 2 and part[0] == mark[0] and part[-1] == mark[-1]:
            return part[1:-1].strip()
    return part.strip('"“”') if part.count('"') % 2 else part
