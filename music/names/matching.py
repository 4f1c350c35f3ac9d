"""How sure are we that these words mean that song? Pure: texts in, a confidence out.

A word of the query may stand for a word of the title or of the artist, with a typing error where
the word is long enough to bear one. The confidence is (share of the title that was said) times
(share of what was said that the song explains), so that neither "Adele Yesterday" nor "Yesterday
Once More" means the Beatles' "Yesterday". Precision comes before recall: a wrong song is worse
than none.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from .addresses import find_video_id
from .normalization import clean_text, cut_key, normalize_key
from .patterns import NAMES
from .titles import find_versions, parse_title
from .words import split_key, weigh

SURE = 0.8
"""From this confidence on a match is taken without asking; measured in bench/resolving.py."""

_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_DIGITS = re.compile(r"\d+")
_TAKES = frozenset(
    "live remix karaoke cover acoustic instrumental unplugged remaster remastered demo".split()
)
_COMPACT_MIN_LENGTH = 7
_COMPACT_SIMILARITY = 0.9
_OUT_OF_ORDER = 0.9
_OTHER_ORDER = 0.75
"""The same where nothing is said of the artist: "War and Love" is not "Love and War"."""
_TORN = 0.9
"""The artist between words of the title: "Paint the Roses Sun" is not "Paint the Sun" by Roses."""
_BEGUN = 0.85
"""How much the beginning of an artist's name counts: "led zep"."""
_MIN_MISTYPED_LENGTH = 4
_LEAST_EXPLAINED = 0.5
"""Words are not compared one by one with a song that cannot explain half of them."""


@dataclass(frozen=True, slots=True)
class SongName:
    """What somebody wrote for a song: its key as written, and the readings worth trying.

    ``artist`` is the artist's key where the text says plainly who it is; ``video_id`` the video
    where the text is a link to one.
    """

    key: str
    readings: tuple[str, ...]
    titles: tuple[str, ...]
    versions: frozenset[str] = frozenset()
    artist: str = ""
    video_id: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A song as texts to compare with, all normalised. ``titles`` are its spellings, best first."""

    song_id: str
    artists: tuple[str, ...]
    titles: tuple[str, ...]
    popularity: int = 0


def read_name(text: str) -> SongName:
    """The readings of a song's name as people write it. Total; the key may be empty."""
    cleaned = clean_text(text)
    key = normalize_key(cleaned)
    parsed = parse_title(cleaned)
    artist, title = normalize_key(parsed.artist), normalize_key(parsed.song_title)
    short = normalize_key(_BRACKETS.sub(" ", parsed.song_title))
    leader = normalize_key(NAMES.split(parsed.artist, maxsplit=1)[0])
    readings = [f"{artist} {title}", key]
    readings += [f"{who} {short}" for who in (artist, leader) if short]
    said, _, last = key.rpartition(" ")
    if last in _TAKES:
        readings.append(said)
    before_by, after_by = _sides_of_by(key)
    titles = [title, short, artist, key, before_by]
    return SongName(
        key=key,
        readings=_list_texts(readings),
        titles=_list_texts(titles),
        versions=parsed.versions | find_versions(key),
        artist=artist or after_by,
        video_id=find_video_id(cleaned),
    )


def _list_texts(keys: Iterable[str]) -> tuple[str, ...]:
    """Those of ``keys`` that say something, each once, none longer than what it is compared to."""
    return tuple(dict.fromkeys(filter(None, (cut_key(key.strip()) for key in keys))))


def _sides_of_by(key: str) -> tuple[str, str]:
    """Title and artist of "title by artist"; both empty in any other text."""
    title, by, artist = key.rpartition(" by ")
    return (title, artist) if by and artist else ("", "")


find_key = lru_cache(maxsize=50_000)(normalize_key)
"""``normalize_key`` for texts that come again and again, such as the names of artists."""


def make_candidate(
    song_id: str,
    artist: str,
    song_title: str,
    *,
    artist_aliases: Iterable[str] = (),
    title_aliases: Iterable[str] = (),
    popularity: int = 0,
) -> Candidate:
    """The texts under which a song may be known; the aliases are keys already."""
    titles = [normalize_key(song_title), *title_aliases]
    if "(" in song_title or "[" in song_title:
        titles.insert(1, normalize_key(_BRACKETS.sub("", song_title)))
    return Candidate(
        song_id=song_id,
        artists=tuple(dict.fromkeys(filter(None, [find_key(artist), *artist_aliases]))),
        titles=tuple(dict.fromkeys(filter(None, titles))),
        popularity=popularity,
    )


def rate(name: SongName, candidate: Candidate) -> float:
    """The confidence, in [0, 1], that ``name`` means ``candidate``."""
    best = 0.0
    artists = candidate.artists or ("",)
    for reading in name.readings:
        for title in candidate.titles:
            for artist in artists:
                best = max(best, _rate_words(reading, artist, title))
                if best >= 1.0:
                    return 1.0
        if best < SURE:
            best = max(best, _rate_compact(reading, candidate))
    return best


def list_telling_words(name: SongName) -> frozenset[str]:
    """The words of a name that tell one song of its artist from another; all where none does."""
    words = frozenset(name.key.split())
    telling = frozenset(word for word in words if weigh(word) == 1.0)
    return (telling - frozenset(name.artist.split())) or telling or words


class _Words:
    """The words of a title or an artist that nothing said stands for yet."""

    def __init__(self, key: str) -> None:
        pairs = split_key(key)
        self.left = [word for word, _ in pairs]
        self.weights = [weight for _, weight in pairs]

    @property
    def is_said(self) -> bool:
        """Whether a word of it was said."""
        return "" in self.left

    def take(self, place: int) -> float:
        """Strike a word out; how much it says."""
        self.left[place] = ""
        return self.weights[place]


def _rate_words(reading: str, artist: str, title: str) -> float:
    of_title, of_artist = _Words(title), _Words(artist)
    said = split_key(reading)
    total_said = sum(weight for _, weight in said)
    total_title = sum(of_title.weights)
    n_words = len(of_title.left) + len(of_artist.left)
    if not total_title or n_words < _LEAST_EXPLAINED * total_said:
        return 0.0
    shared = set(of_title.left) & set(of_artist.left)
    places: list[int] = []
    sides: list[_Words] = []
    missed: list[tuple[str, float]] = []
    explained = title_said = 0.0
    for word, weight in said:
        side = next((words for words in (of_title, of_artist) if word in words.left), None)
        if side is None:
            missed.append((word, weight))
            continue
        place = side.left.index(word)
        taken = side.take(place)
        if side is of_title:
            places.append(place)
            title_said += taken
        if weight == 1.0 and word not in shared:
            sides.append(side)
        explained += weight
    for word, weight in missed:
        similarity, words, place = _find_similar(word, of_title, of_artist)
        if words is not None:
            title_said += words.take(place) * similarity if words is of_title else 0.0
            explained += weight * similarity
    confidence = (title_said / total_title) * (explained / total_said)
    if places != sorted(places):
        confidence *= _OUT_OF_ORDER if of_artist.is_said else _OTHER_ORDER
    return confidence * (_TORN if _is_torn(sides, of_title) else 1.0)


def _is_torn(sides: list[_Words], title: _Words) -> bool:
    """Whether telling words of the artist stand between telling words of the title."""
    if title not in sides:
        return False
    first, last = sides.index(title), len(sides) - sides[::-1].index(title)
    return any(side is not title for side in sides[first:last])


def _find_similar(word: str, title: _Words, artist: _Words) -> tuple[float, _Words | None, int]:
    """The most similar word that is left, and where it is."""
    best: tuple[float, _Words | None, int] = (0.0, None, -1)
    length = len(word)
    for words in (title, artist):
        for place, other in enumerate(words.left):
            similarity = 0.0
            if -3 < len(other) - length < 3:
                similarity = rate_words_alike(word, other)
            if not similarity and words is artist and length > 2 and other.startswith(word):
                similarity = _BEGUN
            if similarity > best[0]:
                best = (similarity, words, place)
    return best


@lru_cache(maxsize=65_536)
def rate_words_alike(word: str, other: str) -> float:
    """How likely one word is the other with typing errors, in [0, 1]; 0 when it is another word.

    One error in four to eight letters, two from nine letters on (optimal string alignment:
    insert, delete, replace, swap neighbours). The first letter is seldom wrong.
    """
    length = min(len(word), len(other))
    if length < _MIN_MISTYPED_LENGTH:
        return 0.0
    allowed = 2 if length >= 9 else 1
    errors = OSA.distance(word, other, score_cutoff=allowed)
    if errors > allowed or _DIGITS.search(word + other):
        return 0.0
    similarity = 0.95 if length >= 8 else 0.9 if length >= 5 else 0.87
    similarity -= 0.07 * (errors - 1)
    return similarity if word[0] == other[0] else similarity - 0.08


def _rate_compact(reading: str, candidate: Candidate) -> float:
    """The same without spaces, for words that run together or fell apart."""
    said = reading.replace(" ", "")
    if len(said) < _COMPACT_MIN_LENGTH:
        return 0.0
    best = 0.0
    for title in candidate.titles:
        texts = [title, *(f"{a}{title}" for a in candidate.artists)]
        texts += [f"{title}{a}" for a in candidate.artists]
        for text in texts:
            whole = text.replace(" ", "")
            similarity = OSA.normalized_similarity(said, whole, score_cutoff=_COMPACT_SIMILARITY)
            if similarity > best and _DIGITS.findall(said) == _DIGITS.findall(whole):
                best = similarity
    return best * 0.97


def rate_mention(name: SongName, candidate: Candidate) -> float:
    """How well a search for ``name`` is served by ``candidate``, in [0, 2].

    The share of the words that occur in the artist or title, whole, begun or mistyped; more when
    they name the song (``rate``) and not only its artist.
    """
    words = split_key(" ".join((*candidate.artists, *candidate.titles)))
    said = split_key(name.key)
    total = sum(weight for _, weight in said)
    if not total:
        return 0.0
    mentioned = sum(weight * _rate_begun(word, words) for word, weight in said) / total
    sure = rate(name, candidate)
    return round(mentioned, 2) + (round(sure, 1) if sure >= SURE else 0.0)


def _rate_begun(word: str, words: Iterable[tuple[str, float]]) -> float:
    best = 0.0
    for other, _ in words:
        if other == word:
            return 1.0
        if len(word) > 1 and other.startswith(word):
            best = max(best, 0.95)
        else:
            best = max(best, rate_words_alike(word, other))
    return best
