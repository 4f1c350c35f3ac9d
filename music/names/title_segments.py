"""Splits a title into segments that may be its artist and its song."""

import re

from .decoration import (
    EDGES,
    Notes,
    cut_segment,
    is_beside,
    is_beside_as_a_whole,
    is_surely_beside,
    join_segment,
    take_featured,
    trim,
    was_song_shown,
)
from .first_names import are_people, is_person, split_capitals, split_person
from .normalization import name_key, normalize_key
from .patterns import FEATURING
from .roles import Roles
from .separators import (
    BAR,
    BY,
    BY_IN_BRACKETS,
    COLON,
    DOTS,
    OF_SOMEBODY,
    SINGS,
    SLASH,
    SUNG,
    TIGHT,
    split_dashed,
    split_outside,
)
from .takes import find_takes
from .works import is_theme_by, split_film, split_work

_QUOTED = re.compile(
    r"[\"“]([^\"“”]{2,})[\"”“]|(?:(?<=\s)|^)'([^']{2,}(?:'\w[^']*)*)'(?=\s|$|\W)|"
    r"(?:(?<=\s)|^)‘([^‘’]{2,}(?:’\w[^‘’]*)*)’(?=\s|$|\W)"
)
_LAST_BRACKET = re.compile(r"(\S[^()\[\]]*) [(\[]([^()\[\]]+)[)\]]")
_AFTER_QUOTES = re.compile(r"\s*(?:by|von|de|di|,|;|/)\s+(?=\S)|\s*,(?=\S)", re.IGNORECASE)
_WORK = re.compile(
    r"(?:symphon|sinfon|concert|sonat|suite|requiem|op(?:us|\.)|no\.|variation|carmina|messiah)"
    r"|\d",
    re.IGNORECASE,
)
_GOES_ON = frozenset("of and & in on to a is for at und et y vs feat ft".split())
"""Beginnings of a rest that continues a name after a known artist's: "Queen of ..."."""
_MAX_ARTIST_WORDS = 6
_BEGINS_SONG = frozenset("in on to a for at".split())
"""Those of them that may begin a song's name after an artist's of two words."""


class Reading:
    """One title being split, with the channel, known artists, and what was noted.

    ``is_quoted``: the song was in quotes, after its artist. ``is_song_first``: a bracket after the
    first segment says that it is a kind of video, so that segment is the song.
    """

    def __init__(self, roles: Roles, notes: Notes) -> None:
        self._roles = roles
        self._notes = notes
        self.is_song_first = False
        self.is_quoted = False

    def split(self, text: str) -> list[str]:
        """Return the segments of a title that may be the artist and the song, in order."""
        if self._roles.is_song(join_segment(text)):
            return [join_segment(text)]
        segments = split_dashed(text, lambda part: _is_beside(part, Notes()))
        if len(segments) > 1:
            self.is_song_first = _is_first_shown(segments)
            segments = [cut_segment(segment, self._notes) for segment in segments]
        segments = self._drop_beside(segments, is_dashed=True)
        if len(segments) > 1:
            if parts := split_work(segments, self._roles) or split_film(segments, self._roles):
                return parts
            named = [self._drop_beside(split_outside(BAR, part)) for part in segments]
            return named[0][-1:] + [part for parts in named[1:] for part in parts[:1]]
        barred = split_outside(BAR, segments[0] if segments else text)
        self.is_song_first |= _is_first_shown(barred)
        segments = self._drop_beside([join_segment(part) for part in barred])
        text = join_segment(text)
        if len(segments) > 1 and (parts := self._split_first(segments[0])):
            return parts
        if len(segments) > 2:
            segments = [part for part in segments if not part.casefold().startswith("by ")]
        if len(segments) == 2:
            return segments
        if len(segments) > 2:  # "Song | Artist | Series": without a dash the song is first
            is_artist_first = self._roles.is_artist(segments[0])
            return segments if is_artist_first else self._choose_barred(segments)
        text = segments[0] if segments else text
        return self._split_quoted(text) or self._split_weak(text)

    def _choose_barred(self, segments: list[str]) -> list[str]:
        artist = next((part for part in segments[1:] if self._roles.has_artist(part)), None)
        return [artist, segments[0]] if artist else segments[:1]

    def _drop_beside(self, segments: list[str], *, is_dashed: bool = False) -> list[str]:
        """Return the segments that name something: the first, and those of the rest that do.

        Where only one is left, the next segment after a dash is the song's name anyway, unless it
        is surely decoration: "Selena Gomez - Rare".
        """
        named, notes = [part for part in segments if name_key(part)], Notes()
        kept = named[:1] + [part for part in named[1:] if not _is_beside(part, notes)]
        is_third = is_dashed and len(named) > 2 and len(kept) > 1 and kept[1] != named[1]
        if is_third and not is_beside_as_a_whole(named[1]):
            return named[:2]
        is_one_left = is_dashed and len(kept) == 1 and len(named) > 1
        if is_one_left and (self._roles.is_artist(named[0]) or not is_surely_beside(named[1])):
            return named[:2]
        self._notes.takes |= notes.takes
        self._notes.featured += notes.featured
        if len(kept) > 2 and is_beside(kept[0], self._notes):
            return kept[1:]
        if len(kept) == 2 and " " in kept[0].strip() and is_surely_beside(kept[0]):
            return kept[1:]
        return kept

    def _split_quoted(self, text: str) -> list[str]:
        """Split ``Artist "Song" anything`` or ``"Song" by Artist``; [] without quotes."""
        match = _QUOTED.search(text)
        if match is None or is_beside(next(filter(None, match.groups())), self._notes):
            return []
        song = next(group for group in match.groups() if group)
        before, after = text[: match.start()].strip(EDGES), text[match.end() :]
        if not normalize_key(before):
            joint = _AFTER_QUOTES.match(after)
            artist = after[joint.end() if joint else 0 :].strip(EDGES + '"“”')
            is_told = self._roles.is_artist(artist) or are_people(artist)
            artist = artist if joint or is_told else ""
            self.is_quoted = bool(normalize_key(artist))
            return [artist, song] if self.is_quoted else [song]
        if not (self._roles.has_artist(before) or self._says_more(after)):
            return []  # "Are “Friends” Electric?"
        self._notes.takes |= find_takes(after)
        take_featured(f"x{after}", self._notes)
        self.is_quoted = True
        return [before, song]

    def _split_first(self, segment: str) -> list[str]:
        """Split the first of several barred segments, where it has a known artist and a song."""
        for split in (self._split_colon, self._split_by):
            if (parts := split(segment)) and self._roles.is_artist(parts[0]):
                return parts
        return []

    def _says_more(self, after: str) -> bool:
        """Return whether the text after a quoted song is decoration, not the rest of a name."""
        rest = after.partition("(")[0].strip(EDGES)
        return (
            not rest[:1].isalnum()
            or is_beside(rest, self._notes)
            or not trim(f"x {rest}", self._notes)[1:]
        )

    def _split_weak(self, text: str) -> list[str]:
        """Split by weak signs: a colon after a name, "by" before one, a known artist."""
        if parts := self._split_sung(text):
            return parts
        if FEATURING.search(text) and (parts := self._split_colon(text)):
            return parts  # before the guests are cut off with all that follows them
        text = trim(text, self._notes)
        splits = (
            self._split_colon,
            self._split_by,
            self._split_sings,
            self._split_slash,
            self._split_bracketed,
            self._split_tight,
            self._split_dots,
            self._split_known,
            self._split_unknown,
        )
        for split in splits:
            if parts := split(text):
                return parts
        if self._roles.channel and text.casefold().startswith(f"{self._roles.channel.casefold()} "):
            return [text[: len(self._roles.channel)], text[len(self._roles.channel) :]]
        return [text]

    def _split_colon(self, text: str) -> list[str]:
        parts = split_outside(COLON, text)[:2]
        if len(parts) < 2 or not all(name_key(part) for part in parts):
            return []
        return parts if self._roles.is_artist(parts[0]) or not _WORK.search(parts[0]) else []

    def _split_sung(self, text: str) -> list[str]:
        """Split ``Song, sung by Artist``, also in brackets, and ``Song (by Artist)``."""
        match = BY_IN_BRACKETS.search(text)
        if match and self._roles.may_follow_by(match[1]):
            return [match[1], text[: match.start()]]
        parts = SUNG.split(text)
        is_named = len(parts) == 2 and all(map(name_key, parts))
        return [trim(parts[1], self._notes).rstrip(") "), parts[0]] if is_named else []

    def _split_by(self, text: str) -> list[str]:
        parts = split_outside(BY, text)
        title, artist = " by ".join(parts[:-1]), parts[-1]
        if normalize_key(title) and normalize_key(artist):
            return [artist, title] if self._roles.may_follow_by(artist) else []
        parts = split_outside(OF_SOMEBODY, text)
        is_known = len(parts) == 2 and self._roles.is_told_apart(parts[1].split())
        return [parts[1], parts[0]] if is_known else []

    def _split_sings(self, text: str) -> list[str]:
        parts = split_outside(SINGS, text)
        return parts if len(parts) == 2 and all(map(name_key, parts)) else []

    def _split_slash(self, text: str) -> list[str]:
        parts = split_outside(SLASH, text)
        is_told = any(self._roles.is_artist(part) or is_person(part.split()) for part in parts)
        return parts if len(parts) == 2 and is_told else []

    def _split_bracketed(self, text: str) -> list[str]:
        """Split ``Song (Artist)`` or ``Artist (Song)``, where the artist is known."""
        match = _LAST_BRACKET.fullmatch(text)
        if match is None or find_takes(match[2]):
            return []
        if self._roles.is_artist(match[2]):
            return [match[2], match[1]]
        return [match[1], match[2]] if self._roles.is_told_apart(match[1].split()) else []

    def _split_tight(self, text: str) -> list[str]:
        tight = self._drop_beside(split_outside(TIGHT, text))
        if len(tight) != 2 or SLASH.search(text):
            return []
        is_long = all(len(part.split()) > 1 for part in tight)
        has_person = any(is_person(part.split()) for part in tight)
        is_named = is_long and not any(word[0].islower() for word in tight[0].split())
        is_known = any(self._roles.is_told_apart(part.split()) for part in tight)
        return tight if is_named or is_known or has_person else []

    def _split_dots(self, text: str) -> list[str]:
        """Split ``Artist... Song``, where the artist is known."""
        parts = split_outside(DOTS, text)
        return parts if len(parts) == 2 and self._roles.is_artist(parts[0]) else []

    def _split_known(self, text: str) -> list[str]:
        """Split off a known artist at the beginning or end; one word only if it is distinct."""
        words = text.split()
        for n in range(min(len(words) - 1, _MAX_ARTIST_WORDS), 0, -1):
            if not _goes_on(words[n], n) and self._roles.is_told_apart(words[:n]):
                return [" ".join(words[:n]), " ".join(words[n:])]
            name, rest = " ".join(words[-n:]), " ".join(words[:-n])
            is_whole = name.count(")") == name.count("(")
            is_after = is_whole and words[-n - 1].casefold() not in _GOES_ON
            if is_after and self._roles.is_told_apart(words[-n:]):
                is_bracketed = name.startswith("(") and name.endswith(")")
                return [name[1:-1] if is_bracketed else name, rest]
        return []

    def _split_unknown(self, text: str) -> list[str]:
        """Split off a person's name at the beginning, or an artist in capitals.

        Only where there is no channel, which would say whose song it is.
        """
        if self._roles.channel:
            return []
        artist, song = next(filter(all, (split_person(text), split_capitals(text))), ("", ""))
        return [artist, song] if artist and not is_beside(artist, Notes()) else []


def _goes_on(word: str, n_before: int) -> bool:
    """Return whether ``word`` behind a known artist's name of ``n_before`` words continues it."""
    lowered = word.casefold()
    begins = n_before > 1 and word[0].isupper() and lowered in _BEGINS_SONG
    return lowered in _GOES_ON and not begins


def _is_first_shown(segments: list[str]) -> bool:
    """Return whether the first segment alone is a song by its quotes, a bracket, or its last word.

    Brackets such as "(Video)" tell it, and a piece of a film: "Knight Rider Theme - Stu Phillips".
    """
    is_named = [was_song_shown(segment) or _is_quoted(segment) for segment in segments]
    is_theme = len(segments) == 2 and is_theme_by(*segments)
    return len(segments) > 1 and (is_named[0] or is_theme) and not any(is_named[1:])


def _is_quoted(segment: str) -> bool:
    match = _QUOTED.match(segment.strip())
    return match is not None and not name_key(join_segment(segment.strip()[match.end() :]))


def _is_beside(segment: str, notes: Notes) -> bool:
    """Return whether a segment names nothing; a bar in it separates parts."""
    return is_beside(split_outside(BAR, segment)[0], notes)
