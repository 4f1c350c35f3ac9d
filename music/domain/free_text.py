"""Turns a free text such as "sad 90s rock, but not grunge" into facets of songs."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from music.catalogue import resolver
from music.catalogue.artists import list_similar
from music.models import Song
from music.names.facets import (
    IDLE,
    JOINERS,
    LIKE,
    MAX_PHRASE_WORDS,
    NOT_LIKE,
    Facet,
    count_denial,
    find_genre_facet,
    find_time,
    find_word,
    list_spellings,
    split_signs,
)
from music.names.normalization import normalize_key
from music.recommender.facet_ranking import Wish, count_holders
from music.recommender.snapshot import Snapshot

from . import index

MIN_TAG_HOLDERS = 3
"""A tag of fewer songs is somebody's single word, not a kind of music."""
N_SEEDS = 5
"""The number of an artist's songs used as seeds for "like the artist"."""
MAX_WORDS = 40
MAX_NAME_WORDS = 8
_WEIGHTS = dict.fromkeys(("artist", "like", "genre", "language", "time"), 1.05)
"""Facts weigh a little more than moods: if both cannot be fulfilled, the fact is."""
_CLAUSES = re.compile(r"[,;!?()\n]|\.\s|\s[-–—]\s")
_ENDS_OF_NAME = frozenset({"but", "except", "without", "not"})


@dataclass(frozen=True, slots=True)
class FreeText:
    """The interpretation of a text.

    It consists of ``facets``, the ``song`` that the text itself names (or None), the addresses of
    songs that the suggestions shall resemble (``seeds``), and the words without a meaning
    (``unread``).
    """

    facets: tuple[Facet, ...] = ()
    song: Song | None = None
    seeds: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def wishes(self) -> list[Wish]:
        """The facets as the recommender takes them."""
        return [
            Wish(facet.terms, facet.years, facet.is_denied, _WEIGHTS.get(facet.kind, 1.0))
            for facet in self.facets
            if facet.terms or facet.years
        ]

    @property
    def is_understood(self) -> bool:
        """Whether the text describes songs, and every word of it was understood."""
        return bool(self.facets) and not self.unread and self.song is None


def read_free_text(text: str, without: Collection[str] = ()) -> FreeText:
    """Interpret ``text``, leaving out facets whose ids are in ``without``. A few queries."""
    reader = _read(text)
    song = _find_song(text) if reader.unread or reader.may_be_a_song else None
    if song is not None:
        named = Facet("song", str(song))
        if named.facet_id not in without:
            return FreeText((named,), song, (song.address,))
    facets = {facet.facet_id: facet for facet in reader.facets}
    kept = [facet for facet_id, facet in facets.items() if facet_id not in without]
    seeds = [song_id for f in kept if not f.is_denied for song_id in reader.seeds[f.facet_id]]
    return FreeText(tuple(kept), None, tuple(dict.fromkeys(seeds)), tuple(reader.unread))


def may_describe(text: str) -> bool:
    """Return whether ``text`` has a word for a mood, a genre, a time or the like, beside names.

    Names are not looked for, which most of the time of reading goes to.
    """
    return bool(_read(text, knows_names=False).facets)


def _read(text: str, *, knows_names: bool = True) -> "_Reader":
    reader = _Reader(index.get_snapshot(), knows_names)
    for clause in _CLAUSES.split(text):
        reader.read(split_signs(normalize_key(clause))[:MAX_WORDS])
    return reader


def _find_song(text: str) -> Song | None:
    address = resolver.find_stored(text) or resolver.find_mentioned(text)
    return Song.objects.suggestible().filter(address=address).first() if address else None


class _Reader:
    """Reads a text clause by clause, always taking the longest phrase that has a meaning.

    Unless it ``knows_names``, an artist's name has none.
    """

    def __init__(self, snapshot: Snapshot, knows_names: bool) -> None:
        self._snapshot = snapshot
        self._knows_names = knows_names
        self._newest = max(int(snapshot.facts.year.max(initial=0)), 1)
        self.facets: list[Facet] = []
        self.seeds: dict[str, list[str]] = defaultdict(list)
        self.unread: list[str] = []

    @property
    def may_be_a_song(self) -> bool:
        """Whether an artist is named together with other words, which may be a title."""
        kinds = [facet.kind for facet in self.facets]
        return "artist" in kinds and len(kinds) > 1

    def read(self, words: Sequence[str]) -> None:
        """Read one clause; a negation ends with it."""
        at, is_denied, strange = 0, False, _Strange()
        while at < len(words):
            if n := self._read_like(words, at, is_denied):
                at, is_denied = at + n, False
                continue
            n, facet = self._find_longest(words, at)
            if facet is not None:
                self._flush(strange)
                self.facets.append(facet.deny() if is_denied else facet)
                is_denied = is_denied and not JOINERS.isdisjoint(words[at + n : at + n + 1])
            elif n := count_denial(words, at):
                self._flush(strange)
                is_denied = True
            else:
                n = 1
                is_denied = is_denied and words[at] != "but"
                strange.add(words[at], words[at] in IDLE, is_denied)
            at += n
        self._flush(strange)

    def _read_like(self, words: Sequence[str], at: int, is_denied: bool) -> int:
        """Read "like" and the artist or song after it; return how many words that took, or 0."""
        for n_like in (3, 2, 1):
            if " ".join(words[at : at + n_like]) not in LIKE or (
                n_like == 1 and at > 0 and words[at - 1] in NOT_LIKE
            ):
                continue
            first = at + n_like
            ends = [i for i in range(first, len(words)) if words[i] in _ENDS_OF_NAME]
            last = min([*ends, first + MAX_NAME_WORDS, len(words)])
            for end in range(last, first, -1):
                facet = self._find_model(" ".join(words[first:end]))
                if facet is not None:
                    self.facets.append(facet.deny() if is_denied else facet)
                    return end - at
        return 0

    def _find_model(self, name: str) -> Facet | None:
        """Find the facets or the song for "like ``name``"."""
        artist = self._find_artist(name) or self._find_artist(name.removeprefix("the "))
        if artist:
            songs = _list_songs_of(artist)
            close = list_similar(artist)
            facet = Facet("like", artist, _by_artists(close))
        else:
            song = _find_song(name)
            if song is None:
                return None
            songs = [song.address]
            close = (song.artist, *list_similar(song.artist))
            facet = Facet("like", str(song), _by_artists(close) if len(close) > 1 else {})
        self.seeds[facet.facet_id] += songs
        return facet

    def _find_longest(self, words: Sequence[str], at: int) -> tuple[int, Facet | None]:
        for n in range(min(MAX_PHRASE_WORDS, len(words) - at), 0, -1):
            facet = self._find(" ".join(words[at : at + n]), n)
            if facet is not None:
                return n, facet
        return 0, None

    def _find(self, phrase: str, n_words: int) -> Facet | None:
        if n_words == 1 and phrase in IDLE:
            return None
        if n_words > 1 and (facet := self._find_exact_artist(phrase)):
            return facet
        ways = (
            find_word,
            lambda spelling: find_time(spelling, self._newest),
            lambda spelling: find_genre_facet(spelling, by_alias=False),
            self._find_tag,
            lambda spelling: find_genre_facet(spelling, by_alias=True),
        )
        found = (way(spelling) for way in ways for spelling in list_spellings(phrase))
        return next((facet for facet in found if facet), None)

    def _find_tag(self, phrase: str) -> Facet | None:
        """Return a facet for a tag of songs; for a one-word tag, longer tags with it fit less."""
        if count_holders(self._snapshot, f"tag:{phrase}") < MIN_TAG_HOLDERS:
            return None
        genre = find_genre_facet(phrase, by_alias=True)
        terms = dict.fromkeys(genre.terms, 0.6) if genre else {}
        terms |= dict.fromkeys(_list_tags_with(self._snapshot.version).get(phrase, ()), 0.8)
        return Facet("style", phrase, terms | {f"tag:{phrase}": 1.0})

    def _find_exact_artist(self, phrase: str) -> Facet | None:
        for name in (phrase, f"the {phrase}", phrase.removeprefix("the ")):
            if count_holders(self._snapshot, f"artist:{name}"):
                return self._name_artist(name)
        return None

    def _name_artist(self, name: str) -> Facet | None:
        artist = self._find_artist(name) if self._knows_names else ""
        if not artist:
            return None
        facet = Facet("artist", artist, _by_artists((artist,)))
        self.seeds[facet.facet_id] = _list_songs_of(artist)
        return facet

    def _find_artist(self, name: str) -> str:
        address = resolver.find_artist(name)
        songs = Song.objects.filter(address=address) if address else Song.objects.none()
        return songs.values_list("artist", flat=True).first() or ""

    def _flush(self, strange: "_Strange") -> None:
        """Interpret collected unknown words as names, or as parts of tags."""
        words, is_denied = strange.take()
        at = 0
        while at < len(words):
            n, facet = self._find_strange(words, at)
            if facet is not None:
                self.facets.append(facet.deny() if is_denied else facet)
            elif words[at] not in IDLE:
                self.unread.append(words[at])
            at += max(n, 1)

    def _find_strange(self, words: Sequence[str], at: int) -> tuple[int, Facet | None]:
        for n in range(min(MAX_PHRASE_WORDS, len(words) - at), 0, -1):
            phrase = words[at : at + n]
            if (phrase[0] in IDLE and n == 1) or phrase[-1] in IDLE:
                continue
            if facet := self._name_artist(" ".join(phrase)):
                return n, facet
        if words[at] in IDLE:
            return 0, None
        tags = _list_tags_with(self._snapshot.version).get(words[at], ())
        if len(tags) > 1:
            return 1, Facet("style", words[at], dict.fromkeys(tags, 1.0))
        return 0, None


class _Strange:
    """Consecutive words without a meaning of their own, with stop words between them."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._is_denied = False

    def add(self, word: str, is_idle: bool, is_denied: bool) -> None:
        if self._words or not is_idle:
            self._is_denied = is_denied if not self._words else self._is_denied
            self._words.append(word)

    def take(self) -> tuple[list[str], bool]:
        """Return the words, without stop words at the end, and whether they were negated."""
        words, self._words = self._words, []
        while words and words[-1] in IDLE:
            words.pop()
        return words, self._is_denied


def _by_artists(artists: Collection[str]) -> dict[str, float]:
    return {f"artist:{normalize_key(artist)}": 1.0 for artist in artists}


def _list_songs_of(artist: str) -> list[str]:
    songs = Song.objects.suggestible().filter(artist=artist).best_known_first()
    return list(songs.values_list("address", flat=True)[:N_SEEDS])


@lru_cache(maxsize=2)
def _list_tags_with(version: str) -> dict[str, list[str]]:
    """Return the terms of multi-word tags by each word in them, in the index of ``version``."""
    snapshot, tags_with = index.get_snapshot(), defaultdict(list)
    first, last = snapshot.terms.searchsorted([b"tag:", b"tag;"]).tolist()
    for row, term in enumerate(snapshot.terms[first:last].tolist(), start=first):
        words = term.decode().removeprefix("tag:").split()
        if len(words) > 1 and snapshot.holders.of(row).size >= MIN_TAG_HOLDERS:
            for word in words:
                tags_with[word].append(term.decode())
    return dict(tags_with)
