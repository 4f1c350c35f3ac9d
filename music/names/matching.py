"""Rates how surely a text means a song: texts in, a confidence in [0, 1] out.

A word of the query may stand for a word of the title or of the artist, with a typing error where
the word is long enough to bear one. The confidence is (share of the title that was said) times
(share of what was said that the song explains), so that neither "Adele Yesterday" nor "Yesterday
Once More" means the Beatles' "Yesterday". A wrong song is worse than none.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from . import whole_names
from .mistyping import IsWord, rate_compact, rate_words_alike
from .normalization import is_latin, name_key
from .romanization import find_sound
from .song_names import BRACKETS, SongName
from .spelling import is_spelt_freely
from .words import Words, find_initials, split_key, split_title, weigh_word

SURE = 0.8
"""From this confidence on a match is taken without asking; measured in bench/resolving.py."""
_OF_ANOTHER = 0.75
"""The most for "Crazy - PatsyClineVEVO" where only Gnarls Barkley's is known."""
_OUT_OF_ORDER = 0.9
_OTHER_ORDER = 0.75
"""Factor for titles in another order, where no artist is said or the artist is split too: "War and
Love" is not "Love and War", nor "Angels - Leave the Saints" the Saints' "Leave the Angels"."""
_TORN = 0.9
"""Factor for an artist between words of the title: "Paint the Roses Sun" is not "Paint the Sun"."""
_TORN_APART = 0.75
"""The same where a dash shows where the artist ends: "The Midnight Angels - Leave the Saints"."""
_REAL_WORD = 0.85
"""Factor for a differing word that occurs in other titles: "Angry" is not "Angie"."""
_BEGUN = 0.85
"""The weight of the beginning of an artist's name: "led zep"."""
_SOUNDING = 0.95
"""Factor for a name whose words only sound like those of a song in another script."""
_SUBTITLE = re.compile(r"\s*[〜～]\s*|\s+[~/]\s+")
"""What stands between two names of a song: "911 / Mr. Lonely", "逢いたくて〜Missing You〜"."""
_SHORT_LETTERS, _SHORT_MISTYPED = 3, 0.75
_LEAST_EXPLAINED = 0.5
"""Words are not compared with a song that explains less than this share of them."""
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Candidate:
    """A song as texts to compare with, all normalised. ``titles`` are its spellings, best first."""

    song_id: str
    artists: tuple[str, ...]
    titles: tuple[str, ...]
    popularity: int = 0


find_key = lru_cache(maxsize=50_000)(name_key)
"""``name_key``, cached, for texts that come again and again, such as the names of artists."""


def make_candidate(
    song_id: str,
    artist: str,
    song_title: str,
    *,
    artist_aliases: Iterable[str] = (),
    title_aliases: Iterable[str] = (),
    popularity: int = 0,
) -> Candidate:
    """Return the texts under which a song may be known; ``aliases`` are keys already."""
    titles = [name_key(song_title), *title_aliases]
    if "(" in song_title or "[" in song_title:
        titles.insert(1, name_key(BRACKETS.sub("", song_title)))
    titles += map(name_key, _SUBTITLE.split(song_title)[:-1][:1])
    artists = [find_key(artist), *artist_aliases, find_initials(find_key(artist))]
    return Candidate(
        song_id=song_id,
        artists=tuple(dict.fromkeys(filter(None, artists))),
        titles=tuple(dict.fromkeys(filter(None, titles))),
        popularity=popularity,
    )


def rate(
    name: SongName,
    candidate: Candidate,
    is_word: IsWord = lambda _word: False,
    *,
    at_least: float = 0.0,
) -> float:
    """Return the confidence, in [0, 1], that ``name`` means ``candidate``.

    ``is_word`` tells which words are in titles: those are seldom other words with a typing error.
    Where the confidence is below ``at_least``, any other one below it may be returned. A song by
    another artist than the one on whose own channel the name stands is never sure.
    """
    if name.channel and not _is_called(name.channel, candidate.artists):
        return min(_rate_readings(name, candidate, is_word, at_least), _OF_ANOTHER)
    return _rate_readings(name, candidate, is_word, at_least)


def _is_called(channel: str, artists: Iterable[str]) -> bool:
    """Return whether one of ``artists`` is called as a channel, a key without spaces, or nearly."""
    names = [artist.replace(" ", "") for artist in artists]
    return any(
        name in channel or channel in name or rate_words_alike(name, channel)
        for name in names
        if name
    )


def _rate_readings(name: SongName, candidate: Candidate, is_word: IsWord, at_least: float) -> float:
    best = 0.0
    artists = candidate.artists or ("",)
    torn = _TORN_APART if name.artist else _TORN
    has_more_names = len(candidate.artists) > 1 or len(candidate.titles) > 1
    for reading in name.readings:
        n_said = len(split_key(reading).texts)
        for title in candidate.titles:
            if n_said < max(best, at_least) * split_key(title).total - _ROUNDING:
                continue  # too little of the title can be said, whoever the artist
            for artist in artists:
                least = max(best, at_least)
                best = max(best, _rate_words(reading, artist, title, is_word, torn, least))
                if best >= 1.0:
                    return 1.0
        if best < SURE:
            best = max(best, rate_compact(reading, candidate.titles, candidate.artists, is_word))
        if best < SURE and has_more_names:
            best = max(best, whole_names.rate_all(reading, candidate.artists, candidate.titles))
        if best < SURE and whole_names.begins_title(reading, candidate.artists, candidate.titles):
            best = SURE
    if best < SURE and not all(map(is_latin, (name.key, *candidate.artists, *candidate.titles))):
        best = max(best, _rate_sounds(name, candidate, torn))
    return best


def _rate_sounds(name: SongName, candidate: Candidate, torn: float) -> float:
    """Return how surely a name sounds like an artist and a title of a song in another script."""
    artists = tuple(dict.fromkeys(map(find_sound, candidate.artists)))
    titles = tuple(dict.fromkeys(map(find_sound, candidate.titles)))
    best = 0.0
    for reading in name.readings:
        sound = find_sound(reading)
        words = set(sound.split())
        for artist in artists:
            if words.isdisjoint(artist.split()):
                continue  # a title that sounds alike is not enough
            for title in titles:
                rated = _rate_words(sound, artist, title, lambda _word: False, torn)
                best = max(best, rated * _SOUNDING)
        if best >= SURE:
            return best
    if whole_names.have_same_consonants(name.readings, candidate.artists, candidate.titles):
        return max(best, SURE)
    return best


def count_strange_words(name: SongName, candidate: Candidate) -> int:
    """Return how many words are only in the name or only in the song.

    It ranks songs that fit equally well: "João Gilberto - Corcovado" is not by Getz & Gilberto.
    """
    said = frozenset(name.key.split())
    counts = []
    for artist in candidate.artists or ("",):
        words = frozenset(artist.split())
        words = words if words & said else frozenset()  # the name does not mention the artist
        counts += [len(said ^ words.union(title.split())) for title in candidate.titles]
    return min(counts, default=len(said))


def list_telling_words(name: SongName) -> frozenset[str]:
    """Return the words of a name that distinguish songs of one artist; all where none does."""
    words = frozenset(name.key.split())
    telling = frozenset(word for word in words if weigh_word(word) == 1.0)
    return (telling - frozenset(name.artist.split())) or telling or words


class _Unmatched:
    """The words of a title or an artist that no word of the query has matched yet."""

    def __init__(self, words: Words) -> None:
        self.left = list(words.texts)
        self.weights = words.weights

    @property
    def is_said(self) -> bool:
        """Return whether a word of it was matched."""
        return "" in self.left

    def take(self, place: int) -> float:
        """Remove a word; return its weight."""
        self.left[place] = ""
        return self.weights[place]


def _limit(said: Words, title: Words, artist: Words) -> float:
    """Return the highest confidence that is possible by the numbers of words; below 0 if none is.

    A word said stands for one word of the song at most, and no word weighs more than 1.
    """
    n_words = len(title.texts) + len(artist.texts)
    if not title.total or n_words < _LEAST_EXPLAINED * said.total:
        return -1.0
    return min(1.0, len(said.texts) / title.total) * min(1.0, n_words / said.total)


def _rate_words(
    reading: str, artist: str, title: str, is_word: IsWord, torn: float, least: float = 0.0
) -> float:
    split = split_key if artist else split_title
    said, title_words, artist_words = split(reading), split(title), split(artist)
    if _limit(said, title_words, artist_words) < least - _ROUNDING:
        return 0.0
    of_title, of_artist = _Unmatched(title_words), _Unmatched(artist_words)
    shared = set(title_words.texts).intersection(artist_words.texts)
    places: list[int] = []
    sides: list[_Unmatched] = []
    missed: list[tuple[str, float]] = []
    explained = title_said = 0.0
    for word, weight in zip(said.texts, said.weights, strict=True):
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
            similarity *= _REAL_WORD if is_word(word) else 1.0
            taken = words.take(place)
            title_said += taken * similarity if words is of_title else 0.0
            explained += weight * similarity
    confidence = (title_said / title_words.total) * (explained / said.total)
    if places != sorted(places):
        is_whole = of_artist.is_said and not _is_torn(sides, of_artist)
        confidence *= _OUT_OF_ORDER if is_whole else _OTHER_ORDER
    if artist and not of_artist.is_said and confidence >= _LEAST_EXPLAINED:
        confidence = min(confidence, _rate_words(reading, "", title, is_word, torn))
    return confidence * (torn if _is_torn(sides, of_title) else 1.0)


def _is_torn(sides: list[_Unmatched], part: _Unmatched) -> bool:
    """Return whether important words of the other part are between those of the title or artist."""
    if part not in sides:
        return False
    first, last = sides.index(part), len(sides) - sides[::-1].index(part)
    return any(side is not part for side in sides[first:last])


def _rate_short(word: str, other: str) -> float:
    """Return how likely a word of three letters is another one of an artist of whom more is said.

    "Lana Del Ray" is Lana Del Rey.
    """
    is_short = len(word) == len(other) == _SHORT_LETTERS and word[0] == other[0]
    return _SHORT_MISTYPED if is_short and OSA.distance(word, other) == 1 else 0.0


def _find_similar(
    word: str, title: _Unmatched, artist: _Unmatched
) -> tuple[float, _Unmatched | None, int]:
    """Return the most similar remaining word, and its place."""
    best: tuple[float, _Unmatched | None, int] = (0.0, None, -1)
    length, is_free = len(word), is_spelt_freely(word)
    for words in (title, artist):
        for place, other in enumerate(words.left):
            similarity = 0.0
            if -3 < len(other) - length < 3 or is_free or is_spelt_freely(other):
                similarity = rate_words_alike(word, other)
            if not similarity and words is artist and length > 2 and other.startswith(word):
                similarity = _BEGUN
            if not similarity and words is artist and artist.is_said:
                similarity = _rate_short(word, other)
            if similarity > best[0]:
                best = (similarity, words, place)
    return best
