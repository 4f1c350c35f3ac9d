"""Decides which segment of a title is the artist's name, and which the song's."""

import re
from collections.abc import Callable

from . import patterns
from .decoration import Notes, trim, trim_artist
from .first_names import are_people, is_band
from .normalization import is_latin, normalize_key
from .separators import SUNG_BY
from .words import is_sentence_before_name

KnownArtists = Callable[[str], bool]
"""A function that tells whether there is an artist of this name, as somebody wrote it."""
KnownSongs = Callable[[str, str], bool]
"""A function that tells whether an artist, named first, or any if empty, has a song of a title."""
_NOT_BY = frozenset(
    "me you us them him her it my your our their the a an day night side step now one two then "
    "morning myself this and".split()
)
"""Words after "by" that begin no artist's name: "Stand by Me", "Stand by Your Man"."""
_BY_FIRST = re.compile(rf"(?:by|{SUNG_BY})\s+(\S+)", re.IGNORECASE)
_LEAST_OF_CHANNEL = 4
_ALIAS = re.compile(r"(\S[^()]*?)\s*+\(([^()]+)\)")


class Roles:
    """The possible artists in one title: known artists, and the one its channel is named after."""

    def __init__(
        self,
        channel: str,
        known: KnownArtists | None,
        distinct: KnownArtists,
        has_song: KnownSongs,
    ) -> None:
        self.channel = channel
        self._channel_key = _join(channel)
        self._known: KnownArtists = known or (lambda _name: False)
        self._distinct = distinct
        self._has_song = has_song
        # Whoever cannot say which artists there are compares the words in any order anyway, and
        # knows none.
        self._is_order_asked = known is not None

    def assign(
        self, parts: list[str], notes: Notes, *, is_sure: bool, is_song_first: bool
    ) -> tuple[str, str]:
        """Return artist and song of a title's segments, without their endings.

        ``is_sure``: the artist is the first; ``is_song_first``: the song seems to be the first.
        """
        if len(parts) < 2:
            return "", trim(parts[0], notes) if parts else ""
        names = [self._trim_artist(part) for part in parts[:2]]
        place = 0 if is_sure else self._find_artist(names, is_song_first)
        artist, song = _strip_by(names[place]), trim(parts[1 - place], notes)
        return self._name_plainly(artist), _drop_other_script(song, artist)

    def find_other_artist(self, featured: list[str], shows_others: bool) -> str:
        """Return the artist of a title that names none, or an empty text.

        That is the channel's, unless it shows other artists' songs; else the only featured artist,
        if known.
        """
        if self.channel:
            return "" if shows_others else self.channel
        only = dict.fromkeys(featured)
        return next(filter(self._known, only), "") if len(only) == 1 else ""

    def is_artist(self, part: str) -> bool:
        """Return whether ``part`` is the channel's or a known artist's name, or several names."""
        if self._is_channel(part) or self._known(part):
            return True
        names = [name for name in patterns.NAMES.split(part) if name]
        return len(names) > 1 and all(self._known(name) for name in names)

    def is_song(self, text: str) -> bool:
        """Return whether a whole text is the title of a known song: "Hold It Against Me"."""
        return self._has_song("", text)

    def has_artist(self, part: str) -> bool:
        """Return whether one of several names is a known artist's: "Prince and the Revolution"."""
        return self.is_artist(part) or any(map(self._known, patterns.NAMES.split(part)))

    def is_told_apart(self, words: list[str]) -> bool:
        """Return whether words are a known artist's name even if no sign follows them."""
        name = " ".join(words)
        n_telling = len(words) - (words[0].casefold() == "the")
        return self._known(name) if n_telling > 1 else self._distinct(name)

    def may_follow_by(self, artist: str) -> bool:
        """Return whether ``part`` may be an artist after "by": "Stand by Me" has none."""
        words = normalize_key(artist).split()
        return bool(words) and (words[0] not in _NOT_BY or self.is_artist(artist))

    def _find_artist(self, names: list[str], is_song_first: bool) -> int:
        """Return which of two names is the artist.

        It is the one the channel is named after, else one that is known where the first is not or
        has the first as a song, else the second where the first reads like a song, else the first.
        """
        for is_named in (self._is_channel, self._begins_channel):
            if any(map(is_named, names)):
                return 0 if is_named(names[0]) else 1
        if self.has_artist(names[0]):
            return int(self._has_song(names[1], names[0]) and not self._has_song(*names))
        is_second = self.is_artist(names[1]) or is_song_first or _begins_by(names[1])
        is_second = is_second or is_sentence_before_name(*map(normalize_key, names))
        is_guessed = self._is_order_asked and _is_song_before_people(*names)
        return int(is_second or is_guessed)

    def _is_channel(self, part: str) -> bool:
        return bool(self._channel_key) and _join(part) == self._channel_key

    def _begins_channel(self, part: str) -> bool:
        """Return whether the channel's name begins with the first artist: ``KrewellaMusicVEVO``."""
        first = _join(patterns.NAMES.split(part, maxsplit=1)[0])
        return len(first) >= _LEAST_OF_CHANNEL and self._channel_key.startswith(first)

    def _trim_artist(self, part: str) -> str:
        """Return a segment as an artist's name, shortened to a known one if possible."""
        bare = trim_artist(part)
        if not self._is_order_asked or self._known(bare):
            return bare
        short = trim(part, Notes())
        return short if self._known(short) else bare

    def _name_plainly(self, artist: str) -> str:
        """Return a known artist's name without a second script: ``"BTS (방탄소년단)"``."""
        match = _ALIAS.fullmatch(artist)
        if match and (self._known(match[1]) or is_latin(match[1]) != is_latin(match[2])):
            return match[1].strip()
        words = artist.split()
        latin = " ".join(word for word in words if is_latin(word))
        other = " ".join(word for word in words if not is_latin(word))
        if latin and other and not self._known(artist):
            return next(filter(self._known, (latin, other)), artist)
        return artist


def _is_song_before_people(first: str, second: str) -> bool:
    """Return whether the second of two names is a person's or a band's and the first is not.

    Of the catalogue's titles 3 in 1,000 are a person's name, of its artists 22 in 100.
    """
    if are_people(first):
        return False
    is_told = is_band(second) and not is_band(first)
    return is_told or (" " in first.strip() and are_people(second))


def _begins_by(name: str) -> bool:
    """Return whether ``name`` is an artist after "by", not a song such as "By Your Side".

    Nobody begins a song's name with a small "by" and goes on with a capital.
    """
    match = _BY_FIRST.match(name.strip())
    if match is None:
        return False
    is_small = match[0][0] == "b" and match[1][0].isupper()
    return is_small or normalize_key(match[1]) not in _NOT_BY


def _drop_other_script(song: str, artist: str) -> str:
    """Return ``song`` without what stands in Latin behind a slash, where its artist's name is not.

    ``"Lemon / Kenshi Yonezu"`` by ``"米津玄師"`` -> ``"Lemon"``.
    """
    shorter, _, other = song.rpartition(" / ")
    is_other = shorter.strip() and not is_latin(artist) and is_latin(other)
    return shorter.rstrip() if is_other else song


def _strip_by(name: str) -> str:
    match = _BY_FIRST.match(name.strip())
    return name.strip()[match.start(1) :] if match and _begins_by(name) else name


def _join(name: str) -> str:
    return normalize_key(name).replace(" ", "")
