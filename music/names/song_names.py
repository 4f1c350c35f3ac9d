"""A song's name as somebody wrote it, and the readings of it that are worth trying."""

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache

from .addresses import Link, LinkKind, find_link
from .channels import clean_channel, is_artists_own
from .chinese import simplify
from .lines import strip_marks
from .normalization import (
    REMEMBERED_TEXTS,
    clean_text,
    cut_key,
    has_signs,
    name_key,
    normalize_key,
)
from .patterns import NAMES
from .spelling import write_numbers
from .takes import Take, find_takes
from .titles import ParsedTitle, parse_title

BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_FIELDS = re.compile(r"\s*[|｜;]\s*")
_MAX_FIELDS = 8
_LEAST_FIELDS = 3
_COLLECTION = re.compile(
    r"\b(?:full|complete|entire|whole|completo|complet|completa|ganzes|vollständiges)[ -]++"
    r"(?:album|lp|ep|concert|concierto|show|set|discography|discograf[ií]a|konzert)\b|"
    r"\b(?:album|álbum|disco|concierto|concert|show) (?:completo|complet|entier)\b",
    re.IGNORECASE,
)
"""A recording of many songs: "Thriller (Full Album)" is not the song."""
_TRACK_NUMBER = re.compile(r"^0\d ")
_SUNG = frozenset("yeah doo do du da dum la na nah oh ooh ah hey uh ha woah whoa ay".split())
_TAKES = frozenset(
    "live remix karaoke cover acoustic instrumental unplugged remaster remastered demo".split()
)


class SongName:
    """A song's name as somebody wrote it: its key, and the readings worth trying.

    ``text`` has no marks of a list, nor the address that may be in it: then only the words beside
    it are read. It is taken apart when a reading is first asked for, not before: that takes most of
    the time of a request about a list of names, and most names are found as they are written.
    """

    def __init__(self, text: str) -> None:
        self._cleaned = clean_text(text)

    @cached_property
    def link(self) -> Link | None:
        """The address in the text, if there is one."""
        return find_link(self._cleaned)

    @cached_property
    def text(self) -> str:
        """The words to be read."""
        return self._beside_link or strip_marks(self._cleaned)

    @cached_property
    def _beside_link(self) -> str:
        """The words beside the address; empty without an address, and where they name nothing."""
        words = strip_marks(self.link.rest) if self.link else ""
        return words if name_key(words) else ""

    @cached_property
    def key(self) -> str:
        """The key of the whole text, with signs that are its title or its artist; may be empty."""
        whole = normalize_key(self._cleaned)
        return self._texts.complete(whole) if has_signs(self._cleaned) else whole

    @cached_property
    def readings(self) -> tuple[str, ...]:
        """The possible readings, likeliest first."""
        if _COLLECTION.search(self.text):
            return _list_texts([self._texts.said])
        readings = [*self._texts.list_readings(), *self._list_unstripped()]
        readings += [*_list_of_fields(self.text), *_vary(self._texts.said)]
        readings += [_TRACK_NUMBER.sub("", readings[0].strip(), count=1)]
        return _list_texts([*readings, *map(simplify, readings)])

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """The texts that may be the whole title."""
        titles = [*self._texts.list_titles(), *self._list_unstripped()]
        return _list_texts([*titles, *map(name_key, _split_fields(self.text))])

    @cached_property
    def takes(self) -> frozenset[Take]:
        """The takes that its words announce."""
        return find_takes(self._texts.said)

    @property
    def artist(self) -> str:
        """The artist's key where the text clearly shows it, else an empty text."""
        return self._texts.artist or self._texts.after_by

    @cached_property
    def channel(self) -> str:
        """The artist whose own channel stands behind the title, a key without spaces; or empty."""
        return name_key(clean_channel(_split_channel(self.text)[1])).replace(" ", "")

    @cached_property
    def _texts(self) -> "_Texts":
        title, channel = _split_channel(self.text)
        return _Texts(parse_title(title, channel), name_key(f"{title} {clean_channel(channel)}"))

    def _list_unstripped(self) -> list[str]:
        """Return the whole text where what looked like a list mark may be the name."""
        whole = normalize_key(self._cleaned)
        return [whole] if not self.link and whole != self._texts.said else []

    @property
    def video_id(self) -> str | None:
        """The id of the video, where the text contains a link to one."""
        return self.link.id if self.link and self.link.kind is LinkKind.VIDEO else None

    @property
    def is_link_only(self) -> bool:
        """Whether no words are to be matched: the text is an address, or has a video's in it."""
        return self.link is not None and (self.video_id is not None or not self._beside_link)


@lru_cache(maxsize=REMEMBERED_TEXTS)
def read_name(text: str) -> SongName:
    """Return any text as a song's name, cached; its key may be empty."""
    return SongName(text)


def _split_channel(text: str) -> tuple[str, str]:
    """Return a title and the channel after its last dash: ``"Polly - NirvanaVEVO"``."""
    title, dash, channel = text.rpartition(" - ")
    is_channel = dash and " " not in channel.strip() and is_artists_own(channel)
    return (title, channel) if is_channel and name_key(title) else (text, "")


def _split_fields(text: str) -> list[str]:
    """Return the fields of a row: ``"Artist;Title;Album;Year"``; [] for any other text."""
    fields = [field for field in _FIELDS.split(text, _MAX_FIELDS) if name_key(field)]
    return fields if len(fields) >= _LEAST_FIELDS else []


def _list_of_fields(text: str) -> list[str]:
    """Return the readings of a row: what stands first with each of the others.

    A field may be a list of people: ``"Title - Lyrical | Film | Actor, Artist"``.
    """
    fields = _split_fields(text)
    if not fields:
        return []
    parsed = parse_title(fields[0])
    firsts = dict.fromkeys(map(name_key, (parsed.song_title, parsed.artist)))
    listed = (
        name for field in fields[1:] if "," in field for name in field.split(",", _MAX_FIELDS)
    )
    others = [name_key(other) for other in (*fields[1:], *listed)][: 2 * _MAX_FIELDS]
    return [f"{other} {first}" for first in firsts if first for other in others]


def _vary(key: str) -> list[str]:
    """Return a key without what is only sung at its end, and with numbers in digits.

    ``"she loves you yeah yeah yeah"`` -> ``"she loves you"``.
    """
    words = key.split()
    kept = len(words)
    while kept > 2 and words[kept - 1] == words[-1] and words[-1] in _SUNG:
        kept -= 1
    varied = [" ".join(words[:kept])] if len(words) - kept > 1 else []
    return [*varied, *(numbered for numbered in [write_numbers(key)] if numbered != key)]


class _Texts:
    """The keys of a parsed name: of its artist, its title, and of parts that may be either."""

    def __init__(self, parsed: ParsedTitle, said: str) -> None:
        self.said = said
        self.artist, self.title = name_key(parsed.artist), name_key(parsed.song_title)
        self._short = name_key(BRACKETS.sub(" ", parsed.song_title))
        self._leader = name_key(NAMES.split(parsed.artist, maxsplit=1)[0]) or self.artist
        named = NAMES.split(parsed.song_title)
        is_list = len(named) > 2 and "/" not in parsed.song_title
        self._last_leader = name_key(named[0]) if is_list else ""
        self._before_by, self.after_by = _sides_of_by(said)

    def list_readings(self) -> list[str]:
        """Return the possible readings, likeliest first."""
        readings = [f"{self.artist} {self.title}", self.said]
        readings += [f"{who} {self._short}" for who in (self.artist, self._leader) if self._short]
        if self.artist and self._last_leader:  # "Title - A x B x C"
            readings.append(f"{self._last_leader} {self.artist}")
        before, _, last = self.said.rpartition(" ")
        return [*readings, before] if last in _TAKES else readings

    def list_titles(self) -> list[str]:
        """Return the texts that may be the whole title."""
        return [self.title, self._short, self.artist, self.said, self._before_by]

    def complete(self, key: str) -> str:
        """Return the key of the whole text, including signs that are its title or its artist."""
        signs = (part for part in (self.artist, self.title) if not normalize_key(part))
        return " ".join(filter(None, (key, *signs)))


def _list_texts(keys: Iterable[str]) -> tuple[str, ...]:
    """Return the ``keys`` that are not empty, each once, cut to the length of stored keys."""
    return tuple(dict.fromkeys(filter(None, (cut_key(key.strip()) for key in keys))))


def _sides_of_by(key: str) -> tuple[str, str]:
    """Return title and artist of "title by artist"; both empty in any other text."""
    title, by, artist = key.rpartition(" by ")
    return (title, artist) if by and artist else ("", "")
