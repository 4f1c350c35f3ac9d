"""Which song a title is a version of, and what kind of version it is."""

import re
from collections.abc import Iterable
from enum import IntFlag

from music.names.normalization import normalize_key
from music.recommender.documents import SongDocument


class Version(IntFlag):
    """Kinds of video that are not the song itself. A title may be several at once."""

    ORIGINAL = 0
    LIVE = 1
    COVER = 2
    REMIX = 4
    KARAOKE = 8
    INSTRUMENTAL = 16
    TUTORIAL = 32
    REACTION = 64
    LYRICS = 128
    ALTERED = 256
    COMPILATION = 512


_ALWAYS = {
    Version.KARAOKE: r"karaoke|sing[ -]?along|backing track|minus one|カラオケ|караоке|노래방",
    Version.TUTORIAL: r"tutorial|how to play|(?:guitar|piano|bass|drum) (?:lesson|tabs?|chords?)",
    Version.REACTION: r"reaction|reacts? to|first time hearing|reacci[oó]n",
    Version.LYRICS: r"lyrics|lyric video|текст песни|歌詞|가사",
    Version.ALTERED: r"slowed|reverb|sped up|nightcore|8d audio|bass boosted|1 hour|8[ -]?bit",
    Version.COMPILATION: r"full album|greatest hits (?:full|playlist)|mega ?mix|full concert",
}
_MARKED = {
    Version.LIVE: r"live|en vivo|en directo|ao vivo|en concierto|unplugged|concert|tiny desk",
    Version.COVER: r"cover(?:ed)?|tribute|in the style of|made famous by|covert",
    Version.REMIX: r"remix(?:ed)?|rmx|mashup|bootleg|club mix|extended mix|dub mix|vip mix",
    Version.INSTRUMENTAL: r"instrumental|off vocal|piano version|orchestral version",
    Version.LYRICS: r"letras?|paroles|songtext",
}
"""Words that make a version only beside the title: in brackets or behind a dash. "Live Forever",
"Cover Me" and "Live and Let Die" are songs."""


def _compiled(patterns: dict[Version, str]) -> dict[Version, re.Pattern[str]]:
    return {kind: re.compile(rf"(?<!\w)(?:{words})(?!\w)") for kind, words in patterns.items()}


_ALWAYS_PATTERNS = _compiled(_ALWAYS)
_MARKED_PATTERNS = _compiled(_MARKED)
_LIVE_AT = re.compile(r"(?<!\w)live (?:at|in|from|on|@|session|performance|version)(?!\w)")
_BRACKETS = re.compile(r"[(\[{【「『（［〈《][^)\]}】」』）］〉》]*[)\]}】」』）］〉》]?")
_ASIDES = re.compile(r"\s[-–—|•/]\s")
_FEATURING = re.compile(r"\s(?:feat\.?|ft\.?|featuring)\s.*$", re.IGNORECASE)
_TRAILING_NOISE = re.compile(
    r"(?: (?:official|music|lyrics?|video|audio|clip|visuali[sz]er|hd|hq|4k|mv|remaster(?:ed)?|"
    r"(?:19|20)\d\d|mono|stereo|single|album|version|radio|edit|explicit|oficial|officiel|live|"
    r"remix|cover|karaoke|instrumental|acoustic|with|in))+$"
)


def version_of(title: str) -> Version:
    """What kinds of version ``title`` says that it is; ``ORIGINAL`` when it says nothing.

    >>> version_of("Nirvana - Polly (Live at Reading)")
    <Version.LIVE: 1>
    """
    text = title.casefold()
    head, *asides = _ASIDES.split(_BRACKETS.sub(" ", text))
    marks = " ; ".join([*_BRACKETS.findall(text), *asides[1:], *_short_asides(head, asides[:1])])
    kinds = Version.ORIGINAL
    for kind, pattern in _ALWAYS_PATTERNS.items():
        if pattern.search(text) and normalize_key(pattern.sub(" ", text)):
            kinds |= kind
    for kind, pattern in _MARKED_PATTERNS.items():
        if pattern.search(marks):
            kinds |= kind
    return kinds | Version.LIVE if _LIVE_AT.search(text) else kinds


def _short_asides(head: str, asides: Iterable[str]) -> list[str]:
    """The part behind "Artist - " is the song's title: only what ends with a mark is a mark."""
    found = []
    for aside in asides:
        words = aside.split()
        if len(words) > 1 and words[-1] in {"cover", "remix", "live", "instrumental", "lyrics"}:
            found.append(words[-1])
        elif head and len(words) == 1 and words[0] in {"live", "remix", "cover", "instrumental"}:
            found.append(words[0])
    return found


def work_key(document: SongDocument) -> str:
    """The key that all versions of one song share: artist and bare title, normalised.

    A recording by another artist is another song, so a cover shares it only when it is filed under
    the artist who is covered. Where no artist is known, "A - B" is taken for B by A.
    """
    artist = _without_article(normalize_key(document.artist))
    title = _FEATURING.sub("", _BRACKETS.sub(" ", document.title))
    bare = [_TRAILING_NOISE.sub("", f" {normalize_key(p)}").strip() for p in _ASIDES.split(title)]
    parts = [words for words in map(_without_article, bare) if words]
    if not artist and len(parts) > 1:
        artist = parts[0]
    for words in parts:
        if words != artist:
            return f"{artist}|{words.removeprefix(f'{artist} ') if artist else words}"
    return f"{artist}|{normalize_key(document.title)}"


def names_artist(work: str) -> bool:
    """Whether a ``work_key`` says whose song it is: equal titles alone are not one song."""
    return not work.startswith("|")


def _without_article(words: str) -> str:
    return words.removeprefix("the ")
