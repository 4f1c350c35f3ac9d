"""Splits video titles into artist and song: "Nirvana - Come As You Are (Official Music Video)".

No PyPI library does this well enough: youtube-title-parse 1.0.0 gets both parts of 86 % of the
labelled titles right (``tests/bench/resolving.py`` prints the rate of this one).
"""

import re
from dataclasses import dataclass

from . import patterns
from .channels import clean_channel, is_topic, shows_others
from .decoration import (
    Notes,
    is_beside,
    join_segment,
    strip_symbols,
    take_brackets,
    take_featured,
    take_leading_bracket,
)
from .lines import strip_marks
from .normalization import MAX_KEY_LENGTH, clean_text, name_key
from .roles import KnownArtists, KnownSongs, Roles
from .separators import DASH, ROUND, split_outside, split_wide
from .shows import DECADE, SHOW_IN_BRACKETS
from .takes import Take, find_takes
from .title_segments import Reading

MAX_TITLE_LENGTH = MAX_KEY_LENGTH
"""Longer than any YouTube title (100 characters); the rest of a longer text is not looked at."""

_SHOWN_FIRST = re.compile(
    rf"(?:(?:{patterns.LABEL} )*{patterns.MEDIUM}|{patterns.LABEL}|{patterns.SUNG_WORDS}|new|live|"
    rf"hd|premiere|exclusive|cover|musi[ck]|throwback|(?:nr|no)\.? ?1|hit {patterns.YEAR}|"
    rf"{DECADE}|(?:esc|{SHOW_IN_BRACKETS})(?: {patterns.YEAR})?)\s*:\s+(?=\S)|"
    rf"(?:hd|hq|4k|m/?v|(?:{patterns.LABEL} )+{patterns.MEDIUM})/?\s+(?=\S.*\w\s+[-–—]\s+\S)",
    re.IGNORECASE,
)
"""Words before a name: "Official Video: A - B", "HD A - B"."""
_CORNERED = re.compile(r"(?<=\S)\s*+(?:【([^【】]+)】|\[ ([^\[\]]+) \])")
"""How Chinese titles quote a song: ``周杰倫 Jay Chou【晴天 Sunny Day】``."""


_CORNERED_FIRST = re.compile(r"【([^【】]+)】\s*+(?=\w)")
_ORIGINAL_FIRST = re.compile(r"(.*[\u3040-\u30ff\u3400-\u9fff]\S*) [A-Za-z0-9][ -~]*")
"""A name in Chinese or Japanese with its translation into English behind it."""
_TWO_QUOTES = re.compile(r"(?<!\d)''(?!')")
"""Two single quotes for a double one; behind a number they are inches."""


@dataclass(frozen=True, slots=True)
class ParsedTitle:
    """The parts of a title; ``artist`` is empty when nothing says who it is.

    ``takes`` are those that it announces beside the name, ``featuring`` the featured artists.
    """

    artist: str
    song_title: str
    takes: frozenset[Take] = frozenset()
    featuring: tuple[str, ...] = ()


def parse_title(
    title: str,
    channel_title: str = "",
    known_artists: KnownArtists | None = None,
    distinct_artists: KnownArtists = lambda _word: False,
    known_songs: KnownSongs = lambda _artist, _title: False,
) -> ParsedTitle:
    """Return artist, song, takes and featured artists of a video's title, with the channel's help.

    ``known_artists`` tells which of two names is the artist where the text does not,
    ``distinct_artists`` which words are an artist's name and nothing else, ``known_songs`` which
    of two artists' names is a song of the other's. Without the first the order is not guessed by
    people's names. Any text gives a result, and a text with a letter or digit never an empty song
    title.
    """
    whole = _bound(title)
    if DASH.search(whole):
        whole = strip_marks(whole)
    notes = Notes()
    if is_topic(channel_title):  # the title is the complete name of the song
        song, artist = strip_title(title), clean_channel(channel_title)
        return ParsedTitle(artist, song or whole, find_takes(whole) - find_takes(song))
    text = take_leading_bracket(_quote_plainly(whole, known_artists), notes)
    channel = clean_channel(channel_title)
    roles = Roles(channel, known_artists, distinct_artists, known_songs)
    reading = Reading(roles, notes)
    wide = [_bound(part) for part in split_wide(title[:MAX_TITLE_LENGTH])]
    parts = wide or reading.split(take_brackets(text, notes))
    artist, song = roles.assign(
        [take_featured(part, notes) for part in parts if name_key(part)],
        notes,
        is_sure=reading.is_quoted,
        is_song_first=reading.is_song_first,
    )
    return ParsedTitle(
        artist=artist or roles.find_other_artist(notes.featured, shows_others(channel_title)),
        song_title=song or whole,
        takes=frozenset(notes.takes),
        featuring=tuple(dict.fromkeys(notes.featured)),
    )


def strip_title(title: str) -> str:
    """Return a song's title without featured artists, decoration and takes.

    ``title`` must not contain the artist. ``"Polly (Live) - Remastered 2011 [feat. X]"`` ->
    ``"Polly"``; a text of decoration only is returned unchanged.
    """
    whole, notes = _bound(title), Notes()
    text = join_segment(take_brackets(whole.translate(ROUND), notes))
    segments = split_outside(DASH, text)
    named = [part for part in segments if name_key(part)] or [whole]
    kept = named[:1] + [part for part in named[1:] if not is_beside(part, notes)]
    bare = (strip_symbols(take_featured(part, notes)) for part in kept)
    return " - ".join(filter(name_key, bare)) or whole


def _bound(title: str) -> str:
    return clean_text(title[:MAX_TITLE_LENGTH])[:MAX_TITLE_LENGTH]


def _quote_plainly(title: str, known_artists: KnownArtists | None) -> str:
    """Return a title with a few kinds of quotes and brackets, and without words before its name."""
    text = _quote_cornered(_dash_cornered(title, known_artists)).translate(ROUND)
    return _strip_shown(patterns.EXTENSION.sub("", _TWO_QUOTES.sub('"', text)))


def _strip_shown(text: str) -> str:
    match = _SHOWN_FIRST.match(text)
    return text[match.end() :] if match else text


def _dash_cornered(title: str, known: KnownArtists | None) -> str:
    """Put a dash behind a known artist in corner brackets before the song: ``【Ado】新時代``."""
    match = _CORNERED_FIRST.match(title)
    is_artist = match is not None and known is not None and known(match[1])
    return f"{match[1]} - {title[match.end() :]}" if match and is_artist else title


def _quote_cornered(title: str) -> str:
    """Replace corner brackets around a song's name by quotes, where there is no dash."""
    match = _CORNERED.search(title)
    if match is None or DASH.search(title[: match.start()]):
        return title
    song = _ORIGINAL_FIRST.sub(r"\1", (match[1] or match[2]).strip())
    if is_beside(song, Notes()):
        return title
    return f"{title[: match.start()]} “{song}” {title[match.end() :]}"
