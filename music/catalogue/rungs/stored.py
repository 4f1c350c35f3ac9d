"""The fourth rung: stored songs, matched on title and artist."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from music.catalogue import song_index, stored_songs
from music.catalogue.climb import Climb
from music.catalogue.rungs.plain_names import settle_plain
from music.catalogue.stored_songs import StoredSong
from music.names import matching
from music.names.chinese import simplify
from music.names.matching import SURE, Candidate
from music.names.romanization import romanize
from music.names.song_names import SongName
from music.names.takes import Take, find_takes
from music.youtube.availability import has_youtube

N_CANDIDATES = 25
POSSIBLE = 0.6
"""Below this confidence a song is not even offered as an alternative."""
_ARTIST_ALONE = 0.75
_AS_GOOD = 0.02
_AMBIGUOUS = 0.9


@dataclass(frozen=True, slots=True)
class Match:
    """A stored song and the confidence that it is meant."""

    song: StoredSong
    confidence: float


def climb_stored(
    climb: Climb, *, rung: str = "stored", keys: Collection[str] | None = None
) -> None:
    """Settle the pending names (only ``keys``, if given) that a stored song surely matches.

    One to five queries, however many names.
    """
    song_index.songs.refresh()
    names = {k: n for k, n in climb.pending.items() if keys is None or k in keys}
    if not climb.wants_alternatives:
        names = settle_plain(climb, names, rung)
        # Then only songs whose title was written exactly: a tenth of the work.
        for key, matches in _match(names.values(), {}, climb.rejected).items():
            if is_beyond_doubt(names[key], matches):
                _settle(climb, key, matches, rung)
                del names[key]
    if names:
        for key, matches in _match_proposed(names.values(), climb.rejected).items():
            _settle(climb, key, matches, rung)


def climb_fetched(climb: Climb, fetched: Mapping[str, Collection[str]], *, rung: str) -> None:
    """Settle pending names by the videos fetched for them, where their song surely matches.

    ``fetched`` holds ids of videos by a name's key. Three queries.
    """
    wanted = {key: ids for key, ids in fetched.items() if key in climb.pending}
    songs = stored_songs.read_songs_of(set().union(*wanted.values()))
    for key, ids in wanted.items():
        rejected = climb.rejected.get(key, frozenset())
        found = [songs[i] for i in dict.fromkeys(ids) if i in songs and i not in rejected]
        found = [song for song in found if song.song_id not in rejected]
        _settle(climb, key, order_matches(climb.pending[key], found), rung)


def _settle(climb: Climb, key: str, matches: Sequence[Match], rung: str) -> None:
    """Answer with the first match if it is sure; else record the possible ones.

    With a key, a song without a video is only recorded: YouTube may have one.
    """
    ids = [match.song.song_id for match in matches]
    if not matches or matches[0].confidence < SURE:
        climb.suggest(key, ids)
        return
    song, confidence = matches[0].song, rate_choice(matches)
    meant = song.find_take(_list_asked(climb.pending[key], song))
    if song.is_heard or meant or not has_youtube():
        climb.settle(
            key,
            song.song_id,
            video_id=meant,
            confidence=confidence,
            rung=rung,
            alternatives=ids[1:],
        )
    else:
        climb.note_fallback(
            key, song.song_id, confidence, artist_key=song.artist_key, is_known=song.is_bundled
        )
        climb.suggest(key, ids)


def climb_fallbacks(climb: Climb) -> None:
    """Settle the names of which no rung was sure by the next best song found on the way."""
    for key in list(climb.pending):
        climb.settle_fallback(key)


def match_names(
    names: Collection[SongName], rejected: Mapping[str, Collection[str]] = MappingProxyType({})
) -> dict[str, list[Match]]:
    """Return the possible songs for each name's key, best first, without ``rejected`` ones."""
    song_index.songs.refresh()
    return _match_proposed(names, rejected)


def _match_proposed(
    names: Collection[SongName], rejected: Mapping[str, Collection[str]]
) -> dict[str, list[Match]]:
    proposed = {name.key: _list_possible(name) for name in names}
    return _match(names, proposed, rejected)


def _list_possible(name: SongName) -> set[str]:
    """Return the addresses of the songs of similar names that ``name`` may mean.

    Few of those that the index proposes are: the others are not read from the database.
    """
    proposed = {candidate.song_id: candidate for candidate in propose(name)}
    return {address for address, c in proposed.items() if _rate(name, c) >= POSSIBLE}


def names_one(name: SongName) -> bool:
    """Return whether ``name`` surely names a stored song; one query where it says its title."""
    return _is_sure(_match([name], {}, {})[name.key]) or _is_sure(match_names([name])[name.key])


def _is_sure(matches: Sequence[Match]) -> bool:
    return bool(matches) and matches[0].confidence >= SURE


def is_beyond_doubt(name: SongName, matches: Sequence[Match]) -> bool:
    """Return whether ``match_names`` would surely rank the first of ``matches`` first.

    That is so when title and artist were written word for word, and nothing else was.
    """
    if not matches or matches[0].confidence < 1.0 or rate_choice(matches) < 1.0:
        return False
    song, said = matches[0].song, set(name.key.split())
    names_artist = any(said.issuperset(artist.split()) for artist in song.candidate.artists)
    is_exact = matching.count_strange_words(name, song.candidate) == 0
    return names_artist and is_exact and (song.is_playable or not has_youtube())


def _match(
    names: Collection[SongName],
    proposed: Mapping[str, Collection[str]],
    rejected: Mapping[str, Collection[str]],
) -> dict[str, list[Match]]:
    """Match the songs of ``proposed`` addresses and of exactly written titles; 1 or 2 queries."""
    if not names:
        return {}
    titles = {title for name in names for title in name.titles}
    songs = stored_songs.read_songs_titled(titles, set().union(*proposed.values()))
    by_title: dict[str, set[int]] = defaultdict(set)
    by_address: dict[str, set[int]] = defaultdict(set)
    for place, song in enumerate(songs):
        by_title[song.title_key].add(place)
        by_address[song.song_id].add(place)
    matches = {}
    for name in names:
        places = set().union(*(by_title.get(title, ()) for title in name.titles))
        places |= set().union(*(by_address.get(i, ()) for i in proposed.get(name.key, ())))
        found = (songs[place] for place in sorted(places))
        refused = set(rejected.get(name.key, ()))
        matches[name.key] = order_matches(name, [s for s in found if s.song_id not in refused])
    return matches


def rate_songs(name: SongName, songs: Iterable[StoredSong]) -> list[Match]:
    """Return those of ``songs`` that ``name`` may mean, in their order."""
    rated = [Match(song, _rate(name, song.candidate)) for song in songs]
    return [match for match in rated if match.confidence >= POSSIBLE]


def _rate(name: SongName, candidate: Candidate) -> float:
    """Return the confidence that ``name`` means ``candidate``; any below ``POSSIBLE`` for less.

    An artist's name is no mistyped title: "SHINee" is not "Shine", nor Seventeen the song "17".
    """
    confidence = matching.rate(name, candidate, song_index.songs.is_word, at_least=POSSIBLE)
    is_sure = confidence >= SURE and name.key not in candidate.titles
    if is_sure and song_index.songs.alias_book.is_artist(name.key):
        return min(confidence, _ARTIST_ALONE)
    return confidence


def order_matches(name: SongName, songs: Iterable[StoredSong]) -> list[Match]:
    """Return the songs that ``name`` may mean, each once, best first.

    Songs that match about as well are ordered by: playable (when there is a key, so that most songs
    are), few strange words, popularity.
    """
    rated = rate_songs(name, songs)
    best = max((match.confidence for match in rated), default=0.0)
    prefers_playable = has_youtube()

    def order(match: Match) -> tuple[object, ...]:
        song = match.song
        is_as_good = match.confidence >= best - _AS_GOOD
        return (
            0.0 if is_as_good else 1.0 - match.confidence,
            not song.is_playable and prefers_playable,
            matching.count_strange_words(name, song.candidate) if is_as_good else 0,
            -song.candidate.popularity,
            song.song_id,
        )

    first: dict[str, Match] = {}
    for match in sorted(rated, key=order):
        first.setdefault(match.song.song_id, match)
    return list(first.values())


def _list_asked(name: SongName, song: StoredSong) -> frozenset[Take]:
    """Return the takes that a name asks for, other than by words of the song's own name."""
    own = " ".join((*song.candidate.artists, *song.candidate.titles)) if name.takes else ""
    return name.takes - find_takes(own)


def rate_choice(matches: Sequence[Match]) -> float:
    """Return the confidence in the first match: lower when another artist's song fits as well."""
    first = matches[0]
    is_ambiguous = any(
        other.confidence >= first.confidence - _AS_GOOD
        and other.song.artist_key != first.song.artist_key
        for other in matches[1:]
    )
    return first.confidence * (_AMBIGUOUS if is_ambiguous else 1.0)


def propose(name: SongName) -> list[Candidate]:
    """Return the songs whose names in the index look or sound most like ``name``.

    Some come twice.
    """
    said, *others = name.readings[:2]
    texts = dict.fromkeys((said, *others, simplify(said), romanize(said)))
    return [c for text in texts for c in song_index.songs.find(text, N_CANDIDATES)]
