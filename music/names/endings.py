"""Endings without brackets after a song's name: "Hello Official Video", "Hello live".

They are words that are never a song's name, or that seldom end one: a name is shortened only while
something of it is left ("Selena Gomez - Rare"). The patterns are of texts in small letters, which
is twice as fast as ignoring case.
"""

import re
from functools import lru_cache

from .normalization import normalize_key
from .patterns import CREDIT, EDIT, LABEL, LANGUAGE, MEDIUM, SUNG_WORDS, WITH
from .shows import DECADE, FESTIVAL, SHOW, SHOW_IN_BRACKETS, STATION_BEHIND

_SIGNS = r"\s,\-–—|:：~*•<=\"“'‘"
_BEFORE = rf"(?<=[^{_SIGNS}])"
_APART = rf"[{_SIGNS}]+"
_END = r"[^\w)\]]*$"
_YEAR = r"(?:(?:19|20)\d\d)"
_MONTH = (
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)(?:uary|ruary|ch|il|ust|ember|tember|"
    r"ober)?\.?"
)
DATE = (
    rf"(?:\d{{1,2}}[./-]\d{{1,2}}[./-](?:{_YEAR}|\d\d)|{_YEAR}[./-]\d{{1,2}}[./-]\d{{1,2}}|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?\.? {_MONTH},? {_YEAR})"
)
_BY_WHOM = r"(?: by \S.*)?"
_PLAYED = (
    r"(?:(?:acoustic|piano|guitar|bass|drums?|violin|cello|ukulele|metal|punk|vocal|sax(?:ophone)?|"
    r"full band|fan) )"
)
_SHARP = (
    r"ᴴᴰ|hd|hq|f?uhd|fhd|[248]k(?: (?:uhd|hd|upscaled?|ultra hd|video|\d\dfps))?|in (?:4k|hd)|"
    r"(?:1080|720|480)p\d*|16:9|wide ?screen|full hd|(?:hd|hq)[ /]*(?:audio|sound|stereo|hq|hd|"
    r"video)|(?:in |true )?stereo|(?:in )?true mono|hi-?fi|hi[- ]res|5\.1|dolby(?: atmos)?|dts|"
    r"surround|video sound|(?:her|his|their) very best(?: performance)?|(?:very )?"
    r"(?:high|best|good|great|better|super|dvd) (?:quality|sound|audio)(?: sound| audio)?|"
    r"(?:gute|beste|top|hd|hohe) qualität|(?:dvd|vhs|laser ?disc)(?:[- ]?rip)?|"
    r"(?:33|45|78) ?(?:rpm|giri|tours|t)(?: vinyl)?|(?:original |from )?vinyl(?: rip| single)?|"
    r"picture disc|(?:ai )?enhanced|colou?ri[sz]ed|in colou?r|b/w|slide ?show|photo video"
)
_SUNG = (
    rf"(?:{LANGUAGE} )?(?:lyrics?|letras?|paroles|(?:song|lied)te[kx]s?te?|tekst|sanat|lyriikat|"
    rf"sanoin|sanoitus|dalszöveg|legendad[oa]|tradução|subtitulad[oa]|traduzid[oa]|"
    rf"tradu(?:cid[oa]|ction|zione)|translation|(?:eng )?sub(?:title)?s?\.?|subt[ií]tulos|vostfr|"
    rf"untertitel|ondertiteld|übersetzung|(?:şarkı )?söz(?:leri|ü)|çeviri|текст(?: песни)?|"
    rf"с переводом|testo|napisy(?: pl)?|tłumaczenie(?: pl)?|zum mitsingen|"
    rf"(?:中文|日本語)?(?:歌詞|字幕)(?:付き)?|가사|แปลไทย)"
    rf"(?:[ /&+]+(?:on screen|hd|hq|translation|al español|video|letra|lyrics|"
    rf"(?:en |in )?{LANGUAGE}))*|(?:in|en|auf|em|på) {LANGUAGE}"
)
_RECORDING = (
    rf"(?:digital(?:ly)? )?re-?master(?:ed)?(?: (?:version|hd|hq|4k))?(?: {_YEAR})?|"
    rf"{_YEAR} (?:digital )?re-?master(?:ed)?|(?:radio|single) edit|maxi(?: single)?|"
    rf"(?:{EDIT}|movie|{LANGUAGE}|clean|dirty|explicit|best|originale?|official|new|neue|first|"
    rf"alternat(?:iv)?e|complete|rare|special|disco|dance|12 inch)[ -]?version(?: {_YEAR})?|"
    rf"version {_YEAR}|version {LANGUAGE}|versión (?:en )?{LANGUAGE}|(?:special )?extended|"
    r"original(?:aufnahme| recording| single)|unreleased|uncut|[ab]-(?:side|seite)|"
    r"remasterizad[oa]|remastered (?:sound|audio|video)|new audio|"
    r"original (?:spoken|music|musik|full)?\s?(?:video(?:clip)?|clip|musikvideo)|"
    r"(?:extended|original|club|radio|dance|party|video|(?:7|12)(?:\"|''|[- ]?inch)?) (?:re-?)?mix|"
    rf"{_YEAR} (?:re-?)?mix|(?:7|12) ?(?:\"|''|[- ]?inch)|official remix|das original|original|"
    r"vers[ií]on original|version originale"
)
_CONTEST = (
    rf"(?:\([^()]+\) )?(?:{_YEAR} )?(?:live )?(?:at the (?:grand |semi-?)final of the )?"
    rf"(?:{_YEAR} )?"
    rf"eurovision(?: song contest| {_YEAR}| winner| grand final| (?:first|second) semi-?final)++"
)
"""Where and when a contest's song was sung: "(Norway) 2009 Eurovision Song Contest Winner"."""
_SHOWN = (
    rf"(?:{LABEL}[\s-]+)+{MEDIUM}|{MEDIUM}[\s-]+{LABEL}(?:[\s-]+hd)?|{LABEL}|"
    r"(?:music|musik|lyrics?|promo|fan|dance|performance|rare)[ -]?(?:videos?|vid|clip)|"
    r"lyric visuali[sz]er|video ?klipp?|"
    r"musiikkivideo|video ?clip|videoclip|vidéo ?clip|clip|teledysk|клип|видео|video|audio|"
    rf"visuali[sz]er|m/?v(?: full)?|pv|(?:le )?clip|{LABEL} (?:spot|single)|"
    rf"promotional video|{LABEL}[ -]?{MEDIUM}|ミュージックビデオ|뮤직비디오|"
    r"(?:官方|完整|高清)版?mv|"
    rf"(?:eurovision|esc)(?: {_YEAR})?|(?:on |at )?(?:the )?{SHOW}(?: {_YEAR})?|{STATION_BEHIND}|"
    rf"{SHOW_IN_BRACKETS} {_YEAR}|{_YEAR} {SHOW_IN_BRACKETS}|{_CONTEST}|"
    r"(?:full |hd |official )*(?:(?:video|lyrical) song|lyrical video|full song)|"
    rf"(?:live )?(?:(?:at|from) (?:the )?)?{FESTIVAL} {_YEAR}|{DECADE}|{DATE}|"
    r"ost(?: \S.*)?|(?:official )?soundtrack|full (?:hd|song|album)|promo|uncensored|"
    r"unzensiert|explicit|fan[- ]?made|\d{2,}tv|\*+new\*+|(?:brand )?new (?:song|single)|"
    r"new 20\d\d|"
    r"(?<=[\"“])from [^\"“”]+[\"”]|from [\"“][^\"“”]+[\"”]|(?:nr|no)\.? ?1[- ]?hit|"
    rf"rare|oldies?|(?:performed|sung) by .*|{CREDIT}|[©℗] ?\S.*"
)
BESIDE = re.compile(
    rf"{_BEFORE}{_APART}(?:{_SHARP}|{_SUNG}|{WITH} (?:{LANGUAGE} |on[- ]screen )*{SUNG_WORDS}|"
    rf"\+ ?{SUNG_WORDS}|{_RECORDING}|{_SHOWN}){_END}",
)
_NOT_OF_A_NAME = "".join(
    rf"(?<!\b{word})"
    for word in "to i we you they us long let lets how who where people can cant will wont must "
    "only still that this gotta wanna die and the of a".split()
)
TAKE = re.compile(
    rf"{_BEFORE}{_APART}(?:live (?:{_YEAR}|['’´`]\d\d|hd|hq|tv|acoustic|version|video|"
    rf"performance|session|in concert|concert)(?: (?:{_YEAR}|hd|hq))*|"
    r"(?:recorded |rare |full )live|live (?:at|from|@|im|bei|beim|à|aux?|auf|vom|dans) \S.*|"
    r"(?:en|ao) vivo|en directo|dal vivo|en concert|en live|"
    r"in concert|(?:mtv )?unplugged|tiny desk(?: concert)?|in the live lounge|(?:dance |live )?"
    r"performance|(?:live|acoustic) sessions?|(?:acoustic|instrumental|demo|piano|karaok[eé])"
    r"(?: version)|acoustic|instrumental|karaok[eé]|(?:unreleased )?demo|"
    rf"{_PLAYED}?(?<!for )(?<!my )cover(?: version)?{_BY_WHOM}|covered by \S.*|"
    rf"{_PLAYED}(?:tutorial|lesson|tabs?)|tutorial|(?<!chain )reaction|(?:official )?remix|"
    r"slowed(?: ?(?:\+|&|and|n)? ?reverb)?|sped[ -]?up|\d{1,2}[ -]hours?(?: (?:loop|version))?|"
    rf"live(?: [^\s\d]+){{1,5}} (?:{_YEAR}|{DATE})){_END}",
)
LIVE = re.compile(
    rf"{_BEFORE}{_NOT_OF_A_NAME}{_APART}live(?: (?:in|on|en|aus|na|no|w) \S.*)?{_END}",
)
""""Live" may be a part of a name: "Hello live in Berlin", but "Long Live" and "How We Live"."""
YEAR = re.compile(
    rf"(?<=\S)(?<!\bin)(?<!\bof)(?<!\bto)(?<![,\d])(?:(?:\s+[-–]?\s*|\s*,\s+|\s+c\.\s?|\s+(?:anno|"
    rf"uit|aus(?: dem jahre?)?|von|jaar|vuodelta|from(?: the year)?|de|circa|ca\.?)\s){_YEAR})"
    r"[.\s]*$",
)
HASHTAGS = re.compile(r"(?<=[^\s#@])(?:\s+[#@][^\W\d]\w*+)++\s*$|(?<=[^\s#])(?:\s+#\d0s)\s*$")
"""Words to be found by, and channels: "#shorts #80s", "@somebody"."""
_OLD_YEAR = re.compile(r"19(?:[5-7]\d|8[0-35-9]|9[0-8])")
"""A year that is seldom a part of a name of two words, as in "Disco 2000" and "Nineteen 1984"."""
_OF_AN_ARTIST = re.compile(
    rf"{_BEFORE}{_APART}(?:(?:{LABEL}[\s-]+)+{MEDIUM}|{LABEL}|hd|hq|4k|lyrics|karaoke){_END}",
)
"""The few endings of an artist's name: Soda Stereo keeps its own."""


_ENDINGS = (
    ("#", HASHTAGS), ("@", HASHTAGS), ("", TAKE), ("live", LIVE), ("", BESIDE), ("", YEAR),
)  # fmt: skip
"""What may end a name, each with a sign without which it need not be looked for."""


@lru_cache(maxsize=4096)
def cut_ending(part: str) -> str:
    """Return ``part`` without its last ending; unchanged where there is none."""
    lowered = _to_small_letters(part)
    for sign, pattern in _ENDINGS:
        match = pattern.search(lowered) if sign in lowered else None
        if match and (pattern is HASHTAGS or _may_lose(part[: match.start()], match.group())):
            return part[: match.start()]
    return part


def cut_artist_ending(part: str) -> str:
    """Return an artist's name without its last ending; The 1975 keep their year."""
    lowered = _to_small_letters(part)
    if match := _OF_AN_ARTIST.search(lowered):
        return part[: match.start()]
    match = YEAR.search(lowered)
    return part[: match.start()] if match and " " in part[: match.start()].strip() else part


def _to_small_letters(text: str) -> str:
    """Return ``text`` in small letters, each in its place: İ alone would become two."""
    return text.replace("İ", "I").lower()


def _may_lose(name: str, ending: str) -> bool:
    """Return whether ``name`` without ``ending`` is still a name.

    "Disco 2000" and "Paroles, paroles" must stay complete.
    """
    words, lost = normalize_key(name).split(), normalize_key(ending)
    if not words or lost in words:
        return False
    is_short = len(words) < 2
    return not (is_short and lost.isdigit()) or bool(_OLD_YEAR.fullmatch(lost))
