"""Endings without brackets after a song's name: "Hello Official Video", "Hello live".

They are words that are never a song's name, or that seldom end one: a name is shortened only while
something of it is left ("Selena Gomez - Rare"). All patterns ignore case.
"""

import re

from .normalization import normalize_key
from .patterns import EDIT, LABEL, LANGUAGE, MEDIUM, SHOW, SUNG_WORDS, WITH

_SIGNS = r"\s,\-–—|:~*•<\"“'‘"
_BEFORE = rf"(?<=[^{_SIGNS}])"
_APART = rf"[{_SIGNS}]+"
_END = r"[^\w)\]]*$"
_YEAR = r"(?:(?:19|20)\d\d)"
_SHARP = (
    r"hd|hq|4k|uhd|(?:in )?(?:4k|hd)|1080p|720p|16:9|wide ?screen|full hd|(?:hd|hq)[ /]*(?:audio|"
    r"sound|stereo|hq|hd|video)|(?:in )?stereo|(?:high|best|good|great|better|super|dvd) "
    r"(?:quality|sound|audio)(?: sound| audio)?|dvd(?:[- ]?rip)?|vhs(?:[- ]?rip)?|45 ?rpm|vinyl rip"
)
_SUNG = (
    rf"(?:{LANGUAGE} )?(?:lyrics?|letras?|paroles|songte[kx]s?te?|sanat|lyriikat|sanoitus|"
    rf"dalszöveg|legendad[oa]|tradução|subtitulad[oa]|traducid[oa]|sub español|"
    rf"(?:eng )?sub(?:title)?s?|untertitel|übersetzung|sözleri|текст(?: песни)?|testo|"
    rf"歌詞付き|가사)"
    rf"(?: (?:on screen|hd|hq|translation|al español|video|(?:en |in )?{LANGUAGE}))*"
)
_RECORDING = (
    rf"(?:digital(?:ly)? )?re-?master(?:ed)?(?: (?:version|hd|hq|4k))?(?: {_YEAR})?|"
    rf"{_YEAR} (?:digital )?re-?master(?:ed)?|(?:radio|single) edit|maxi(?: single)?|"
    rf"(?:{EDIT}|movie|{LANGUAGE}|clean|dirty|explicit|best|originale?) ?version(?: {_YEAR})?|"
    r"original (?:spoken|music|musik|full)?\s?(?:video|clip|musikvideo)|"
    r"(?:extended|original|club|radio|dance|party|video|(?:7|12)(?:\"|''|[- ]?inch)?) (?:re-?)?mix|"
    rf"{_YEAR} (?:re-?)?mix|(?:7|12) ?(?:\"|''|[- ]?inch)|official remix|das original|original|"
    r"vers[ií]on original|version originale"
)
_SHOWN = (
    rf"(?:{LABEL}[\s-]+)+{MEDIUM}|{MEDIUM}[\s-]+{LABEL}(?:[\s-]+hd)?|{LABEL}|"
    r"(?:music|musik|lyrics?|promo|fan|dance|performance|rare)[ -]?(?:videos?|vid|clip)|"
    r"lyric visuali[sz]er|video ?klipp?|"
    r"musiikkivideo|video ?clip|videoclip|vidéo ?clip|clip|teledysk|клип|видео|video|audio|"
    rf"visuali[sz]er|m/?v|pv|(?:eurovision|esc)(?: {_YEAR})?|{SHOW} {_YEAR}|"
    r"top ?pop|totp\d?|zdf[- ]hitparade|musikladen|beat[- ]club|formel eins|peter'?s pop ?show|"
    r"wetten,? dass\W*|ost|(?:official )?soundtrack|full (?:hd|song|album)|promo|uncensored|"
    r"unzensiert|explicit|fan[- ]?made|\*+new\*+|(?:brand )?new (?:song|single)|new 20\d\d|"
    r"from [\"“][^\"“”]+[\"”]|(?:nr|no)\.? ?1[- ]?hit|"
    r"(?:prod\.?|performed|sung|written|composed|directed) by .*"
)
BESIDE = re.compile(
    rf"{_BEFORE}{_APART}(?:{_SHARP}|{_SUNG}|{WITH} (?:{LANGUAGE} |on[- ]screen )*{SUNG_WORDS}|"
    rf"\+ ?{SUNG_WORDS}|{_RECORDING}|{_SHOWN}){_END}",
    re.IGNORECASE,
)
_NOT_OF_A_NAME = "".join(
    rf"(?<!\b{word})"
    for word in "to i we you they us long let lets how who where people can cant will wont must "
    "only still that this gotta wanna die and the of a".split()
)
TAKE = re.compile(
    rf"{_BEFORE}{_APART}(?:live (?:{_YEAR}|hd|hq|tv|acoustic|version|video|performance|session|"
    rf"in concert|concert)(?: (?:{_YEAR}|hd|hq))*|(?:recorded |rare |full )live|live (?:at|from|@|"
    r"im|bei|beim|à|aux?|auf|vom|dans) \S.*|(?:en|ao) vivo|en directo|dal vivo|en concert|en live|"
    r"in concert|(?:mtv )?unplugged|tiny desk(?: concert)?|in the live lounge|(?:dance |live )?"
    r"performance|(?:live|acoustic) sessions?|acoustic|instrumental|karaoke(?: version)?|"
    rf"(?<!for )(?<!my )cover|demo|(?:official )?remix|tutorial|reaction){_END}",
    re.IGNORECASE,
)
LIVE = re.compile(
    rf"{_BEFORE}{_NOT_OF_A_NAME}{_APART}live(?: (?:in|on|en|aus|na|no|w) \S.*)?{_END}",
    re.IGNORECASE,
)
""""Live" may be a part of a name: "Hello live in Berlin", but "Long Live" and "How We Live"."""
YEAR = re.compile(
    rf"(?<=\S)(?<!\bin)(?<!\bof)(?<!\bto)(?<![,\d])(?:\s+[-–]?\s*|\s*,\s+|\s+c\.\s?){_YEAR}[.\s]*$"
)
_OLD_YEAR = re.compile(r"19(?:[5-7]\d|8[0-35-9]|9[0-8])")
"""A year that is seldom a part of a name of two words, as in "Disco 2000" and "Nineteen 1984"."""
_OF_AN_ARTIST = re.compile(
    rf"{_BEFORE}{_APART}(?:(?:{LABEL}[\s-]+)+{MEDIUM}|{LABEL}|hd|hq|4k|lyrics|karaoke){_END}",
    re.IGNORECASE,
)
"""The few endings of an artist's name: Soda Stereo keeps its own."""


def cut_ending(part: str) -> str:
    """Return ``part`` without its last ending; unchanged where there is none."""
    for pattern in (TAKE, LIVE, BESIDE, YEAR):
        if (match := pattern.search(part)) and _may_lose(part[: match.start()], match.group()):
            return part[: match.start()]
    return part


def cut_artist_ending(part: str) -> str:
    """Return an artist's name without its last ending; The 1975 keep their year."""
    if match := _OF_AN_ARTIST.search(part):
        return part[: match.start()]
    match = YEAR.search(part)
    return part[: match.start()] if match and " " in part[: match.start()].strip() else part


def _may_lose(name: str, ending: str) -> bool:
    """Return whether ``name`` without ``ending`` is still a name.

    "Disco 2000" and "Paroles, paroles" must stay complete.
    """
    words, lost = normalize_key(name).split(), normalize_key(ending)
    if not words or lost in words:
        return False
    is_short = len(words) < 2
    return not (is_short and lost.isdigit()) or bool(_OLD_YEAR.fullmatch(lost))
