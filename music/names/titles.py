"""Messy video titles to artist and song: "Nirvana - Come As You Are (Official Music Video)".

No PyPI library does this well enough: youtube-title-parse 1.0.0 gets 86 % of the labelled titles
that hold both parts right (``tests/bench/resolving.py`` prints what this one gets).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from . import patterns
from .channels import clean_channel, is_topic, shows_others
from .decoration import (
    DASH,
    EDGES,
    ROUND,
    Notes,
    cut_segment,
    is_beside,
    is_surely_beside,
    join_segment,
    strip_symbols,
    take_brackets,
    take_guests,
    trim,
)
from .normalization import MAX_KEY_LENGTH, clean_text, name_key, normalize_key
from .takes import Take, find_takes

MAX_TITLE_LENGTH = MAX_KEY_LENGTH
"""Longer than any YouTube title (100 characters); the rest of a longer text is not looked at."""
KnownArtists = Callable[[str], bool]
"""Whether there is an artist of this name, as somebody wrote it."""

_QUOTED = re.compile(r"[\"“]([^\"“”]{2,})[\"”]|(?:(?<=\s)|^)'([^']{2,}(?:'\w[^']*)*)'(?=\s|$|\W)")
_WIDE = re.compile(r"\S(?:[ \u00a0\u3000]{2,}|\s*\t\s*)\S")
_BAR = re.compile(r"\s*[|｜•·]\s*|\s+(?://|/{2})\s+")
_COLON = re.compile(r"\s*[:：]\s+")
_BY = re.compile(r"\s+by\s+(?=[^\Wa-z_])")
_TIGHT = re.compile(r"(?<=\w)-(?=\w)")
_INSIDE = re.compile(r"\([^()]*\)|\"[^\"]+\"|“[^”]+”")
_AFTER_QUOTES = re.compile(r"\s*(?:by|von|de|di|,|;|/)\s+(?=\S)|\s*,(?=\S)", re.IGNORECASE)
_NOT_BY = frozenset(
    "me you us them him her it my your our their the a an day night side step now one two then "
    "morning myself".split()
)
"""Behind "by" they begin no artist's name: "Stand by Me", "Stand by Your Man"."""
_WORK = re.compile(
    r"(?:symphon|sinfon|concert|sonat|suite|requiem|op(?:us|\.)|no\.|variation|carmina|messiah)"
    r"|\d",
    re.IGNORECASE,
)
_GOES_ON = frozenset("of and & in on to a is for at und et y vs feat ft".split())
"""In front of the rest they make a known artist's name a part of a longer one: "Queen of ..."."""
_MAX_ARTIST_WORDS = 6


@dataclass(frozen=True, slots=True)
class ParsedTitle:
    """The parts of a title; ``artist`` is empty when nothing says who it is.

    ``takes`` are those that it announces beside the name, ``featuring`` the guests.
    """

    artist: str
    song_title: str
    takes: frozenset[Take] = frozenset()
    featuring: tuple[str, ...] = ()


def parse_title(
    title: str, channel_title: str = "", known_artists: KnownArtists = lambda _name: False
) -> ParsedTitle:
    """Artist, song, takes and guests of a video's title; the channel helps where it can.

    ``known_artists`` tells which of two names is the artist where the text does not. Total: any
    text gives an answer, and a text with a letter or digit never an empty song title.
    """
    whole = _bound(title)
    notes = Notes()
    if is_topic(channel_title):  # the title is the song's name whole
        song, artist = strip_title(title), clean_channel(channel_title)
        return ParsedTitle(artist, song or whole, find_takes(whole) - find_takes(song))
    text = patterns.EXTENSION.sub("", whole.translate(ROUND))
    channel = clean_channel(channel_title)
    reading = _Reading(channel, known_artists, notes)
    wide = _split_wide(title) if _has_no_separator(text) else []
    parts = wide or reading.split(take_brackets(text, notes))
    parts = [part for part in (trim(part, notes) for part in parts) if name_key(part)]
    artist, song = reading.assign(parts)
    return ParsedTitle(
        artist=artist or reading.find_other_artist(shows_others(channel_title)),
        song_title=song or whole,
        takes=frozenset(notes.takes),
        featuring=tuple(dict.fromkeys(notes.guests)),
    )


def strip_title(title: str) -> str:
    """A song's title, in which no artist is, without guests, decoration and what names a take.

    ``"Polly (Live) - Remastered 2011 [feat. X]"`` -> ``"Polly"``; a text of nothing else is left.
    """
    whole, notes = _bound(title), Notes()
    text = join_segment(take_brackets(whole.translate(ROUND), notes))
    segments = split_outside(DASH, text)
    named = [part for part in segments if name_key(part)] or [whole]
    kept = named[:1] + [part for part in named[1:] if not is_beside(part, notes)]
    bare = (strip_symbols(take_guests(part, notes)) for part in kept)
    return " - ".join(filter(name_key, bare)) or whole


def split_outside(separator: re.Pattern[str], text: str) -> list[str]:
    """``text`` split by ``separator``, but never inside round brackets or quotes."""
    hidden = _INSIDE.sub(lambda match: "\x00" * len(match.group()), text)
    parts, start = [], 0
    for match in separator.finditer(hidden):
        parts.append(text[start : match.start()])
        start = match.end()
    return [*parts, text[start:]]


def _bound(title: str) -> str:
    return clean_text(title[:MAX_TITLE_LENGTH])[:MAX_TITLE_LENGTH]


def _has_no_separator(text: str) -> bool:
    return not (DASH.search(text) or _BAR.search(text) or _COLON.search(text))


def _join_other_dashes(text: str, segments: list[str]) -> list[str]:
    """Three segments as two where the second dash is of another kind: "A - One – Two"."""
    if len(segments) != 3:
        return segments
    second = text.rfind(segments[2])
    dashes = (text[len(segments[0]) :].strip()[:1], text[:second].strip()[-1:])
    if len(set(dashes)) == 1:
        return segments
    return [segments[0], f"{segments[1]} {dashes[1]} {segments[2]}"]


def _is_beside(segment: str, notes: Notes) -> bool:
    """Whether a segment names nothing; a bar in it parts it further."""
    return is_beside(split_outside(_BAR, segment)[0], notes)


def _split_wide(title: str) -> list[str]:
    """The two parts that wide space separates; none where there are not two."""
    match = _WIDE.search(title[:MAX_TITLE_LENGTH])
    if match is None:
        return []
    before, after = _bound(title[: match.start() + 1]), _bound(title[match.end() - 1 :])
    is_whole = before.count("(") == before.count(")") and after[:1].isalnum()
    is_name = normalize_key(before) and not normalize_key(after).startswith("by ")
    return [before, after] if is_whole and is_name else []


class _Reading:
    """One title being read: its channel's name, which artists are known, and what was noted."""

    def __init__(self, channel: str, known_artists: KnownArtists, notes: Notes) -> None:
        self._channel = channel
        self._channel_key = _join(channel)
        self._known = known_artists
        self._notes = notes

    def split(self, text: str) -> list[str]:
        """The segments of a title that may be the artist and the song, in order."""
        segments = _join_other_dashes(text, split_outside(DASH, text))
        if len(segments) > 1:
            segments = [cut_segment(segment, self._notes) for segment in segments]
        segments = self._drop_beside(segments, is_dashed=True)
        if len(segments) > 1:
            barred = [self._drop_beside(split_outside(_BAR, part)) for part in segments]
            return barred[0][-1:] + [part for parts in barred[1:] for part in parts[:1]]
        text = join_segment(segments[0] if segments else text)
        segments = self._drop_beside(split_outside(_BAR, text))
        if len(segments) == 2:
            return segments
        if len(segments) > 2:  # "Song | Artist | Series": the song leads where there is no dash
            is_artist_first = self._is_artist(segments[0])
            return segments if is_artist_first else self._choose_barred(segments)
        text = segments[0] if segments else text
        return self._split_quoted(text) or self._split_weak(text)

    def assign(self, parts: list[str]) -> tuple[str, str]:
        """Which segment is the artist: the one the channel is called after, one that is known
        where the first is not, otherwise the first."""
        if not parts:
            return "", ""
        if len(parts) == 1:
            return "", parts[0]
        place = next((n for n, p in enumerate(parts) if self._is_channel(p)), None)
        if place is not None:
            return parts[place], parts[1 if place == 0 else 0]
        if self._is_artist(parts[1]) and not self._has_artist(parts[0]):
            return parts[1], parts[0]
        return parts[0], parts[1]

    def find_other_artist(self, shows_others: bool) -> str:
        """The artist where the title names none: the channel, unless it shows other people's
        songs; without one the only guest, if that is a known artist."""
        if self._channel:
            return "" if shows_others else self._channel
        guests = dict.fromkeys(self._notes.guests)
        return next(filter(self._known, guests), "") if len(guests) == 1 else ""

    def _is_channel(self, part: str) -> bool:
        return bool(self._channel_key) and _join(part) == self._channel_key

    def _is_artist(self, part: str) -> bool:
        """Whether it is the channel's or a known artist's name, or those of several."""
        if self._is_channel(part) or self._known(part):
            return True
        names = [name for name in patterns.NAMES.split(part) if name]
        return len(names) > 1 and all(self._known(name) for name in names)

    def _has_artist(self, part: str) -> bool:
        """Whether one of several names is a known artist's: "Prince and the Revolution"."""
        return self._is_artist(part) or any(map(self._known, patterns.NAMES.split(part)))

    def _choose_barred(self, segments: list[str]) -> list[str]:
        artist = next((part for part in segments[1:] if self._is_artist(part)), None)
        return [artist, segments[0]] if artist else segments[:1]

    def _drop_beside(self, segments: list[str], *, is_dashed: bool = False) -> list[str]:
        """The segments that name something: the first, and those of the rest that do.

        Where only one is left, what a dash parts from it is the song's name all the same, unless
        it is surely none: "Selena Gomez - Rare".
        """
        named, notes = [part for part in segments if name_key(part)], Notes()
        kept = named[:1] + [part for part in named[1:] if not _is_beside(part, notes)]
        is_one_left = is_dashed and len(kept) == 1 and len(named) > 1
        if is_one_left and (self._is_artist(named[0]) or not is_surely_beside(named[1])):
            return named[:2]
        self._notes.takes |= notes.takes
        self._notes.guests += notes.guests
        if len(kept) > 2 and is_beside(kept[0], self._notes):
            return kept[1:]
        if len(kept) == 2 and " " in kept[0].strip() and is_surely_beside(kept[0]):
            return kept[1:]
        return kept

    def _split_quoted(self, text: str) -> list[str]:
        """``Artist "Song" anything`` or ``"Song" by Artist``; [] without quotes."""
        match = _QUOTED.search(text)
        if match is None or is_beside(next(filter(None, match.groups())), self._notes):
            return []
        song = next(group for group in match.groups() if group)
        before, after = text[: match.start()].strip(EDGES), text[match.end() :]
        if not normalize_key(before):
            joint = _AFTER_QUOTES.match(after)
            artist = after[joint.end() :].strip(EDGES + '"“”') if joint else ""
            return [artist, song] if normalize_key(artist) else [song]
        self._notes.takes |= find_takes(after)
        take_guests(f"x{after}", self._notes)
        return [before, song]

    def _split_weak(self, text: str) -> list[str]:
        """Splits that need a reason: a colon after a name, "by" before one, a known artist."""
        for split in (self._split_colon, self._split_by, self._split_tight, self._split_known):
            if parts := split(text):
                return parts
        if self._channel and text.casefold().startswith(f"{self._channel.casefold()} "):
            return [text[: len(self._channel)], text[len(self._channel) :]]
        return [text]

    def _split_colon(self, text: str) -> list[str]:
        parts = split_outside(_COLON, text)[:2]
        if len(parts) < 2 or not all(name_key(part) for part in parts):
            return []
        return parts if self._is_artist(parts[0]) or not _WORK.search(parts[0]) else []

    def _split_by(self, text: str) -> list[str]:
        parts = split_outside(_BY, text)
        title, artist = " by ".join(parts[:-1]), parts[-1]
        if not (normalize_key(title) and normalize_key(artist)):
            return []
        is_plain = normalize_key(artist).split()[0] not in _NOT_BY
        return [artist, title] if is_plain or self._is_artist(artist) else []

    def _split_tight(self, text: str) -> list[str]:
        tight = self._drop_beside(_TIGHT.split(text))
        is_split = len(tight) == 2 and all(len(part.split()) > 1 for part in tight)
        return tight if is_split else []

    def _split_known(self, text: str) -> list[str]:
        """A known artist's name of several words at the beginning or the end."""
        words = text.split()
        for n in range(min(len(words) - 1, _MAX_ARTIST_WORDS), 1, -1):
            if words[n].casefold() not in _GOES_ON and self._known(" ".join(words[:n])):
                return [" ".join(words[:n]), " ".join(words[n:])]
            if words[-n - 1].casefold() not in _GOES_ON and self._known(" ".join(words[-n:])):
                return [" ".join(words[-n:]), " ".join(words[:-n])]
        return []


def _join(name: str) -> str:
    return normalize_key(name).replace(" ", "")
