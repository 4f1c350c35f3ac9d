"""Takes of a song: which words announce which take, and which take a video is.

The words were collected from the test cases of metadata-filter (MIT, Web Scrobbler) and from real
titles in many languages. "Remastered" and "Radio Edit" announce no other take: such a video is the
song itself.
"""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from .channels import clean_channel, is_artists_own, is_topic
from .normalization import MAX_KEY_LENGTH, clean_text, normalize_key


class Take(StrEnum):
    """How a video relates to its song. The values are stored: they never change."""

    ORIGINAL = "original"
    LIVE = "live"
    ACOUSTIC = "acoustic"
    COVER = "cover"
    REMIX = "remix"
    KARAOKE = "karaoke"
    INSTRUMENTAL = "instrumental"
    LYRICS = "lyrics"
    DEMO = "demo"
    TUTORIAL = "tutorial"
    REACTION = "reaction"
    PARODY = "parody"
    ALTERED = "altered"
    LOOP = "loop"
    COMPILATION = "compilation"
    CLIP = "clip"


_SURE: dict[Take, str] = {
    Take.REACTION: r"reaction (?:video|to)|reacts? to|reacci[oó]n(?: a)?|first time (?:hearing|"
    r"listening)|(?:vocal coach|musician|producer|rapper|metalhead)s? reacts?",
    Take.TUTORIAL: r"tutorials?|how to (?:play|sing)|"
    r"(?:guitar|piano|bass|drums?|ukulele|vocal) (?:lesson|tabs?|chords?|cover lesson)s?|"
    r"play-?through|play-?along",
    Take.PARODY: r"parod(?:y|ia|ie)(?: (?:of|de))?|lyrical adapta?t?ion",
    Take.COMPILATION: r"full (?:album|concert|show|dvd|ep)|[aá]lbum completo|greatest hits|"
    r"best of .*(?:hits|playlist|collection|songs|mix)|mega-? ?mix|mixtape|playlist|non-?stop mix",
    Take.KARAOKE: r"karaok[eé]|sing[ -]?along|backing track|minus one|караоке|"
    r"as made famous by|originally (?:performed|sung) by",
    Take.LOOP: r"(?:\d{1,2}|one|two|ten) ?(?:hours?|hrs?|h|horas?|stunden?)"
    r"(?: (?:loop|version|extended))?(?= |\W|$)",
    Take.ALTERED: r"sped[ -]?up|speed[ -]?up|slowed(?: ?(?:down|\+|&|and|n)? ?reverb)?|"
    r"night-?core|day-?core|8[ -]?d(?: audio)?|16d audio|bass[ -]?boosted|8[ -]?bit|"
    r"reverbed|chipmunk version",
    Take.COVER: r"cover(?:ed)? by|cover version|(?:acoustic|piano|guitar|vocal|violin|drum|bass|"
    r"metal|rock|live|punk|female|male|orchestral|cello|full band|ukulele) cover|in the style of|"
    r"tribute (?:to|version|band)|кавер",
    Take.REMIX: r"re-?mix(?:ed)? by|mash-?up|rmx|(?:club|dance|dub|vip|extended) (?:re-?)?mix",
    Take.INSTRUMENTAL: r"off[ -]?vocal|instrumental (?:version|cover|karaoke|track)|"
    r"(?:piano|orchestral|orchestra|music box) version",
    Take.LIVE: r"(?:mtv )?unplugged|tiny desk(?: concert)?|live lounge|la blogothèque|"
    r"live (?:performance|session|version|video|@|on kexp)|a colors show|the first take|"
    r"en vivo|ao vivo|en directo|dal vivo|en concierto|in concert|live-?mitschnitt",
    Take.LYRICS: r"lyrics? (?:video|on screen|video hd)|(?:with|w/|\+) ?lyrics|текст песни|"
    r"letra e m[uú]sica|sub\.? español|subt[ií]tulos?(?: en)? español|legendado|songtext",
}  # fmt: skip
"""Words that announce a take wherever they stand beside something else."""

_MARKS: dict[Take, str] = {
    Take.REACTION: r"reactions?|reacting|reviews?|explained|breakdown|analysis",
    Take.TUTORIAL: r"lessons?|chords|tabs?",
    Take.COMPILATION: r"best of|medley|full album|collection",
    Take.LOOP: r"loop(?:ed)?",
    Take.ALTERED: r"slowed|reverb",
    Take.COVER: r"covers?|covered|covert?|tribute|versión de",
    Take.REMIX: r"re-?mix(?:ed|es)?|bootleg|re-?work(?:ed)?|flip(?=\W*+$)|(?<=\w )(?<!original )"
    r"(?<!radio )(?<!single )(?<!album )(?<!stereo )(?<!mono )(?<!final )(?<!new )"
    r"(?<!short )(?<!long )(?<!full )mix(?=\W*+$)",
    Take.INSTRUMENTAL: r"instrumentale?|instrumentals|sin voz",
    Take.LIVE: r"live|in session|concierto|konzert|concert|vivo|directo|en public",
    Take.ACOUSTIC: r"acoustic|ac[uú]stic[oa]|acoustique|akustik|akustisch|stripped|unplugged",
    Take.DEMO: r"demos?|rehearsal|outtakes?|(?:alternat(?:iv)?e|first|early) take",
    Take.LYRICS: r"lyrics?|letras?|paroles|testo|testi|with words|sanat|legenda(?:do|s)?|"
    r"subt[ií]tulos?|текст",
    Take.CLIP: r"teaser|trailer|snippet|previews?|behind the scenes|making of|#?shorts|"
    r"short(?! film)|dance practice|choreography|fancam|sneak peek|excerpt",
}  # fmt: skip
"""Words that announce a take only beside the name, in brackets or after a dash, or as its last
word: "Live Forever", "Cover Me" and "Best of You" are songs."""

_UNSPACED: dict[Take, str] = {
    Take.REACTION: "리액션|反応",
    Take.TUTORIAL: "弾いてみた|講座|강좌",
    Take.KARAOKE: "カラオケ|노래방|卡拉ok|كاريوكي|伴奏",
    Take.COVER: "カバー|歌ってみた|커버|翻唱",
    Take.REMIX: "リミックス|리믹스",
    Take.INSTRUMENTAL: "オフボーカル|インスト|인스트루멘탈",
    Take.LIVE: "ライブ|ライヴ|라이브|現場版|现场版|演唱會|演唱会",
    Take.ACOUSTIC: "アコースティック|어쿠스틱",
    Take.LYRICS: "歌詞|歌词|가사",
}
"""Words in scripts without spaces, where only the beginning of a word can be told: ライブ is
in ドライブ."""

_LAST_WORDS = frozenset(
    "cover remix karaoke instrumental acoustic acústico lyrics letra reaction tutorial parody demo "
    "live unplugged teaser trailer snippet".split()
)
"""Words that are no part of a name when they are the last of several."""
_ALONE = frozenset("live cover remix instrumental lyrics".split())
"""Words that are no song when they are all that follows a dash."""
_PART_OF_A_NAME = {
    "live": frozenset(
        "to i we you they us long let how who where people can cant will wont must only still lets "
        "that this wanna gonna".split()
    ),
    "cover": frozenset("for my take under".split()),
    "reaction": frozenset(["chain"]),
}
"""After these words the last one belongs to the name: "Show Me How to Live", "Run for Cover"."""
_OF_TAGS = frozenset({Take.KARAOKE, Take.TUTORIAL, Take.REACTION, Take.PARODY, Take.INSTRUMENTAL})
"""The takes that tags announce reliably; others are in tags to be found by searches."""
_OF_CHANNELS = _OF_TAGS | {Take.COVER, Take.LYRICS, Take.ALTERED}
"""The takes that the name of a channel, if it is not an artist's, announces for all its videos."""
_ORDER = tuple(
    dict.fromkeys(
        (
            Take.REACTION, Take.TUTORIAL, Take.PARODY, Take.COMPILATION, Take.KARAOKE, Take.LOOP,
            Take.ALTERED, Take.COVER, Take.REMIX, Take.INSTRUMENTAL, Take.CLIP, Take.LIVE,
            Take.ACOUSTIC, Take.DEMO, Take.LYRICS,
        )
    )
)  # fmt: skip
"""A title may announce several takes: the first of these says most."""


def _compile(*tables: dict[Take, str]) -> dict[Take, re.Pattern[str]]:
    """Return one pattern per take: whole words; in scripts without spaces, beginnings of words."""
    compiled = {}
    for take in _ORDER:
        words = "|".join(table[take] for table in tables if take in table)
        parts = [rf"(?<!\w)(?:{words})(?!\w)"] if words else []
        if take in _UNSPACED:
            parts.append(rf"(?<![ァ-ヺー가-힣])(?:{_UNSPACED[take]})")
        if parts:
            compiled[take] = re.compile("|".join(parts))
    return compiled


_SURE_PATTERNS = _compile(_SURE)
_MARK_PATTERNS = _compile(_SURE, _MARKS)
WORDS = "|".join(
    words for table in (_SURE, _MARKS, _UNSPACED) for take, words in table.items()
    if take is not Take.CLIP
)  # fmt: skip
"""All words that announce a take of the whole song, as one alternation."""
_ANY = re.compile("|".join(pattern.pattern for pattern in _MARK_PATTERNS.values()))
_LIVE_AT = re.compile(r"(?<!\w)live (?:at|from)(?!\w)|(?<=\w )(?<!['’]s )live (?:in|on)(?!\w)")
_BRACKETS = re.compile(r"[(\[{【「『（［〈《][^)\]}】」』）］〉》]*+[)\]}】」』）］〉》]?")
_ASIDES = re.compile(r"\s[-–—|•/]+\s")


@lru_cache(maxsize=4096)
def find_takes(text: str) -> frozenset[Take]:
    """Return the takes that the words of ``text`` announce, anywhere in it."""
    lowered = text.casefold()
    if not _ANY.search(lowered):
        return frozenset()
    return frozenset(take for take, p in _MARK_PATTERNS.items() if p.search(lowered))


def read_take(title: str, channel_title: str = "", tags: Iterable[str] = ()) -> Take:
    """Return which take a video is, by its title as YouTube shows it, its channel and its tags.

    Words of the song's own name announce nothing ("Live Forever", "Karaoke" by Drake), nor does the
    name of an artist's own channel.

    >>> read_take("Nirvana - Polly (Live at Reading)")
    <Take.LIVE: 'live'>
    """
    text = clean_text(title[:MAX_KEY_LENGTH])[:MAX_KEY_LENGTH].casefold()
    found = _read_title(text, is_topic(channel_title)) if _ANY.search(text) else set()
    if not found and not is_artists_own(channel_title):
        found = set(find_takes(channel_title[:MAX_KEY_LENGTH])) & _OF_CHANNELS
        found |= set() if _names_channel(text, channel_title) else _read_tags(tags)
    return next((take for take in _ORDER if take in found), Take.ORIGINAL)


def _read_title(text: str, is_name_only: bool) -> set[Take]:
    """Return the takes in a title; ``is_name_only``: it has no artist, as on a topic channel."""
    segments = [part for part in _ASIDES.split(_BRACKETS.sub(" ", text)) if normalize_key(part)]
    n_names = 1 if is_name_only else 2
    names, asides = segments[:n_names], segments[n_names:]
    found: set[Take] = set()
    if len(names) > 1 and _is_mark(names[-1]):
        asides.append(names.pop())
    for mark in (*_BRACKETS.findall(text), *asides):
        found |= find_takes(_strip_brackets(mark))
    for name in names:
        found |= _read_name(name)
    return found


def _strip_brackets(mark: str) -> str:
    return mark.strip("()[]{}【】「」『』（）［］〈〉《》 ")


def _is_mark(segment: str) -> bool:
    """Return whether the text after the first dash is not a name: "Polly - Live"."""
    key = normalize_key(segment)
    return key in _ALONE or bool(_SAYS_ONLY_TAKES.fullmatch(key))


_SAYS_ONLY_TAKES = re.compile(
    r"(?:official )?(?:live|acoustic|karaoke|instrumental|lyrics?|remix|cover|demo|piano|studio|"
    r"original|full|hd)(?: (?:live|acoustic|karaoke|instrumental|video|version|audio|session|cover|"
    r"hd|hq|remix|performance))+"
)


def _read_name(segment: str) -> set[Take]:
    """Return the takes that a name announces at its end, or by words that no song's name has."""
    found = {
        take
        for take, pattern in _SURE_PATTERNS.items()
        if (match := pattern.search(segment))
        and normalize_key(segment[: match.start()] + segment[match.end() :])
    }
    words = normalize_key(segment).split()
    if len(words) > 1 and words[-1] in _LAST_WORDS:
        belongs = words[-2] in _PART_OF_A_NAME.get(words[-1], ())
        found |= set() if belongs else find_takes(words[-1])
    if _LIVE_AT.search(segment):
        found.add(Take.LIVE)
    return found


def _names_channel(title: str, channel_title: str) -> bool:
    """Return whether the channel is named after the artist, since the title contains its name."""
    channel = normalize_key(clean_channel(channel_title))
    return channel in {normalize_key(part) for part in _ASIDES.split(title)}


def _read_tags(tags: Iterable[str]) -> set[Take]:
    """Return the takes that several tags announce."""
    seen: set[Take] = set()
    twice: set[Take] = set()
    for tag in tags:
        found = find_takes(tag) & _OF_TAGS
        twice |= found & seen
        seen |= found
    return twice
