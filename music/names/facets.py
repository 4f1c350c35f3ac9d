"""What everyday words ask of a song: moods, occasions, energy, languages, times.

The table is ``data/words.csv``: ``kind,label,holds,words``. ``holds`` are terms as the recommender
writes them (``tag:melancholic``), each with a weight (``=0.8``; 1 without one), ``words`` the
phrases that mean them. Several values in a cell are separated by ``|``.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from .genres import expand_genre, find_genre
from .normalization import FIRST_SIGN, normalize_key

WORDS_FILE = Path(__file__).parent / "data" / "words.csv"
MAX_PHRASE_WORDS = 5
OLD_UNTIL = 1979
NEW_YEARS = 2
"""Songs of this many years before the newest song count as new."""

NEGATIONS = frozenset(
    "not no without except excluding minus nothing never less avoid hate dont isnt arent nor "
    "ohne kein keine nicht sans pas sin".split()
) | {
    "anything but", "everything but", "everything except", "other than", "apart from",
    "aside from", "rather than", "instead of", "but no", "but not", "and not", "tired of",
}  # fmt: skip
JOINERS = frozenset({"and", "or", "und", "oder", "et", "ou", "y", "o", "e"})
"""After one of these words another phrase is negated too: "no rap or metal"."""

LIKE = frozenset(
    {
        "like", "similar to", "sounds like", "sound like", "sounding like", "such as",
        "in the style of", "in the vein of", "reminiscent of", "fans of", "fan of", "if you like",
        "if i like", "wie", "ahnlich wie", "comme", "como", "parecido a",
    }
)  # fmt: skip
NOT_LIKE = frozenset({"feel", "would", "id", "feels", "i", "we", "you", "they", "dont", "really"})
"""Words before "like" that make it a verb."""

IDLE = frozenset(
    """a about absolutely after all also always am an and any anything are as ask at away back be
    because been being best better big bit bring but by can could cool day days do does during each
    else enough even ever every everyone everything favorite favorites favourite favourites feel
    feeling find for from full get give go going good got great greatest had has have having hear
    here hit hits how i id if im in into is it its ive just keep kind know kinda let life like
    listen listening little lot lots make makes making many maybe me mix mood more most much music
    musical my need nice now of off ok on one ones only or our out over perfect pick play
    playing playlist playlists please popular pretty put quite really recommend recommendation
    recommendations right same say set should show similar so some someone something sort
    song songs sound sounds stuff suggest suggestion suggestions super take than that the their them
    then there these they thing things this those time times to today tonight too top track tracks
    tune tunes type us use very vibe vibes vibey want wanna was watch way we well what when where
    which while who whole will with within would you your yours yeah
    ein eine einen einer eines fur mit und oder der die das den dem des von vom zum zur im auf aus
    lied lieder musik songs stucke etwas ich bin mir will beim zu bei am an so was bitte mal gute
    guter gutes horen hore mochte sehr richtig wenn
    de la le les du des un une et pour avec chanson chansons musique quelque chose je jai veux
    voudrais envie ecouter jecoute tres bon bonne bonnes qui dans sur quand mes me
    el los las una y para con por cancion canciones musica algo en que es quiero escuchar muy mas
    buena buenas cuando estoy mi del
    o os da do dos das em per di il lo gli con canzone canzoni voglio ascoltare piu molto quando
    quero ouvir musicas muito mais um uma
    песня песни песню музыка музыку для про хочу послушать что нибудь
    歌 曲 音楽 音乐 音樂 歌曲 ソング の な が を に で は と も 聴きたい 聞きたい 聴く 聞く ような
    みたいな 時 とき おすすめ 用 人気 いい 最高 的 听 聽 노래 음악 듣고 싶은 때 할 들을 좋은 추천
    artist artists band bands singer singers group album albums discography lyrics vocals voice
    level era style genre genres beat beats""".split()
)
"""Words that ask for nothing in particular."""

_DECADES = {
    "twenties": 1920, "thirties": 1930, "forties": 1940, "fifties": 1950, "sixties": 1960,
    "seventies": 1970, "eighties": 1980, "nineties": 1990, "noughties": 2000, "naughties": 2000,
    "aughts": 2000, "two thousands": 2000, "twenty tens": 2010, "sechziger": 1960,
    "siebziger": 1970, "achtziger": 1980, "neunziger": 1990, "sesentas": 1960, "setentas": 1970,
    "ochentas": 1980, "noventas": 1990, "anni sessanta": 1960, "anni settanta": 1970,
    "anni ottanta": 1980, "anni novanta": 1990,
}  # fmt: skip
_DECADE = re.compile(r"(?:annees |anos |anni )?(19|20|18)?(\d)0(?:s| s|ern?|ies|年代|년대| е|х| х)")
_BARE_DECADE = re.compile(r"(?:annees|anos|anni|los) (19|20)?(\d)0")
_DECADE_OF_SIGNS = re.compile(r"(?:19|20)?\d0(?:年代|년대)")
_MAX_SIGNS = 12
_YEAR = re.compile(r"(?:19|20)\d\d")
_PARTS = {"early": (0, 4), "mid": (3, 6), "late": (5, 9)}
_OLD = {"old", "older", "vintage", "alte"}
_NEW = {"new", "newer", "newest", "latest", "recent", "recently", "current", "modern",
        "contemporary", "fresh", "new release", "new releases", "neue", "neues", "aktuelle",
        "nouveau", "nouvelles", "nuevo", "nuevas", "this year"}  # fmt: skip
_PLURALS = ("ies", "y"), ("s", "")


@dataclass(frozen=True, slots=True)
class Facet:
    """One property that words ask of a song.

    ``kind`` and ``label`` are shown to people ("mood", "sad"). A song fits by the largest weight
    among those of the ``terms`` it has; with ``years`` by its year, both ends included. A denied
    facet rules out the songs that fit.
    """

    kind: str
    label: str
    terms: Mapping[str, float] = field(default_factory=dict)
    years: tuple[int, int] | None = None
    is_denied: bool = False

    @property
    def facet_id(self) -> str:
        """The id of the facet among those of one text: "mood:sad", "not genre:grunge"."""
        return f"{'not ' if self.is_denied else ''}{self.kind}:{normalize_key(self.label)}"

    def deny(self) -> "Facet":
        """Return the negated facet."""
        return replace(self, is_denied=True)


@cache
def _load() -> dict[str, Facet]:
    facets: dict[str, Facet] = {}
    with WORDS_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            facet = Facet(row["kind"], row["label"], dict(map(_read_term, row["holds"].split("|"))))
            for phrase in row["words"].split("|"):
                facets.setdefault(normalize_key(phrase), facet)
    return facets


def _read_term(text: str) -> tuple[str, float]:
    term, _, fit = text.partition("=")
    return term, float(fit or 1.0)


def find_word(phrase: str) -> Facet | None:
    """Return what ``phrase`` (a key) means by the table; None where it is not in it."""
    return _load().get(phrase)


def split_signs(key: str) -> list[str]:
    """Return the words of a key, also of languages without spaces where all of one is known.

    >>> split_signs("80年代の悲しい歌")
    ['80年代', 'の', '悲しい', '歌']
    """
    return [part for word in key.split() for part in _split_word(word)]


def _split_word(word: str) -> list[str]:
    if max(word) < FIRST_SIGN or find_word(word):
        return [word]
    parts, at = [], 0
    while at < len(word):
        decade = _DECADE_OF_SIGNS.match(word, at)
        ends = [decade.end()] if decade else range(min(len(word), at + _MAX_SIGNS), at, -1)
        end = next((end for end in ends if decade or _is_known(word[at:end])), 0)
        if not end:
            return [word]
        parts.append(word[at:end])
        at = end
    return parts


def _is_known(phrase: str) -> bool:
    return phrase in IDLE or phrase in _load() or find_genre(phrase) is not None


def find_genre_facet(phrase: str, *, by_alias: bool) -> Facet | None:
    """Return the genre that ``phrase`` names, by its own name or ``by_alias``, with its family.

    Songs of another main genre that are tagged with it fit a little less.
    """
    genre = find_genre(phrase)
    is_own_name = genre is not None and _squeeze(genre) == _squeeze(phrase)
    if genre is None or is_own_name is by_alias:
        return None
    family = {f"genre:{normalize_key(name)}": 1.0 for name in expand_genre(genre) or ()}
    return Facet("genre", genre, family | {f"tag:{normalize_key(genre)}": 0.7})


def _squeeze(name: str) -> str:
    return normalize_key(name).replace(" ", "")


def find_time(phrase: str, newest_year: int) -> Facet | None:
    """Return the years that ``phrase`` names: "90s", "early eighties", "1994", "old", "new".

    New means the last years before ``newest_year``, the year of the newest song.
    """
    if phrase in _NEW:
        return Facet("time", "new", years=(newest_year - NEW_YEARS, newest_year))
    if phrase in _OLD:
        return Facet("time", "old", years=(0, OLD_UNTIL))
    if _YEAR.fullmatch(phrase):
        return Facet("time", phrase, years=(int(phrase), int(phrase)))
    part, _, rest = phrase.partition(" ")
    first, last = _PARTS.get(part, (0, 9))
    decade = _find_decade(rest if part in _PARTS else phrase, newest_year)
    if decade is None:
        return None
    label = f"{part} {decade}s" if part in _PARTS else f"{decade}s"
    return Facet("time", label, years=(decade + first, decade + last))


def _find_decade(phrase: str, newest_year: int) -> int | None:
    """Return a decade: "90s" is 1990; "20s" is the 2020s as soon as there are songs of them."""
    if phrase in _DECADES:
        return _DECADES[phrase]
    match = _DECADE.fullmatch(phrase) or _BARE_DECADE.fullmatch(phrase)
    if match is None:
        return None
    century, digit = match[1], int(match[2])
    if century:
        return int(century) * 100 + digit * 10
    return 2000 + digit * 10 if 2000 + digit * 10 <= newest_year else 1900 + digit * 10


def list_spellings(phrase: str) -> list[str]:
    """Return ``phrase`` (a key) and variants: without "music", in the singular, rap as hip hop.

    >>> list_spellings("girl groups")
    ['girl groups', 'girl group']
    """
    spellings = [phrase]
    for idle in (" music", " songs", " song", " tracks", " style", "musik"):
        spellings.append(phrase.removesuffix(idle))
    for ending, singular in _PLURALS:
        if phrase.endswith(ending) and len(phrase) > 4 and not phrase.endswith("ss"):
            spellings.append(phrase.removesuffix(ending) + singular)
    spellings += [s.replace("rap", "hip hop") for s in spellings if re.search(r"\brap\b", s)]
    return list(dict.fromkeys(s for s in spellings if s))


def count_denial(words: Sequence[str], at: int) -> int:
    """Return how many words form a negation of the next ones: 2 for "anything but"."""
    for n in (2, 1):
        if len(words) >= at + n and " ".join(words[at : at + n]) in NEGATIONS:
            return n
    return 0
