"""The fourth rung: songs that are stored already, matched on title and artist."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import Q

from music.catalogue import song_index
from music.catalogue.climb import Climb
from music.models import Song, VideoFeature
from music.models.video_feature import ITSELF, STAND_INS
from music.names import matching
from music.names.keys import make_artist_key
from music.names.matching import SURE, Candidate, SongName
from music.names.mentions import rate_mention
from music.names.takes import Take, find_takes
from music.youtube.availability import has_youtube

N_CANDIDATES = 25
MAX_ROWS = 8000
"""So many songs of one title, with their takes, are looked at."""
POSSIBLE = 0.6
"""Below this a song is not even offered as an alternative."""
_AS_GOOD = 0.02
_AMBIGUOUS = 0.9
_COLUMNS = (
    "pk", "address", "artist", "title", "aliases", "popularity", "artist_key", "title_key",
    "is_bundled", "joined_to_id", "joined_to__address",
)  # fmt: skip
_TAKE_COLUMNS = (
    "takes__video_id", "takes__take", "takes__available", "takes__embeddable", "takes__is_live",
    "takes__view_count",
)  # fmt: skip
_Row = tuple[Any, ...]
_TakeRow = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class StoredTake:
    """A video by a song's artist that is there: what may be meant, and what plays the song."""

    video_id: str
    take: Take
    is_playable: bool


@dataclass(frozen=True, slots=True)
class StoredSong:
    """A song that may be meant, as the database has it now. ``takes`` are the artist's own, the
    most seen first.
    """

    candidate: Candidate
    artist_key: str
    title_key: str
    is_bundled: bool
    takes: tuple[StoredTake, ...]

    @property
    def song_id(self) -> str:
        """The song's address."""
        return self.candidate.song_id

    @property
    def is_heard(self) -> bool:
        """Whether there is a video on which the song itself is heard."""
        return any(take.take in ITSELF for take in self.takes)

    @property
    def is_playable(self) -> bool:
        """Whether there is such a video that a page can play."""
        return any(take.take in ITSELF and take.is_playable for take in self.takes)

    def find_take(self, asked: Collection[str]) -> str | None:
        """The id of a take of a kind that was asked for ("live"); None where there is none."""
        return next((take.video_id for take in self.takes if take.take in asked), None)


@dataclass(frozen=True, slots=True)
class Match:
    """A stored song and the confidence that it is meant."""

    song: StoredSong
    confidence: float


def climb_stored(
    climb: Climb, *, rung: str = "stored", keys: Collection[str] | None = None
) -> None:
    """Settle the pending names (only ``keys`` of them, if given) that a stored song surely matches.

    Two or three queries, however many names.
    """
    names = {k: n for k, n in climb.pending.items() if keys is None or k in keys}
    for key, matches in match_names(names.values(), climb.rejected).items():
        _settle(climb, key, matches, rung)


def climb_fetched(climb: Climb, fetched: Mapping[str, Collection[str]], *, rung: str) -> None:
    """Settle the pending names for which these videos were fetched, where a song of them surely
    matches.

    ``fetched`` holds ids of videos by a name's key. Three queries.
    """
    wanted = {key: ids for key, ids in fetched.items() if key in climb.pending}
    songs = read_songs_of(set().union(*wanted.values()))
    for key, ids in wanted.items():
        rejected = climb.rejected.get(key, frozenset())
        found = [songs[i] for i in dict.fromkeys(ids) if i in songs and i not in rejected]
        found = [song for song in found if song.song_id not in rejected]
        _settle(climb, key, order_matches(climb.pending[key], found), rung)


def _settle(climb: Climb, key: str, matches: Sequence[Match], rung: str) -> None:
    """Answer with the first match if it is sure; else note what it might be.

    With a key a song of which there is no video yet is noted only: YouTube may have one.
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
        climb.note_fallback(key, song.song_id, confidence, is_known=song.is_bundled)
        climb.suggest(key, ids)


def climb_fallbacks(climb: Climb) -> None:
    """Settle what no rung was sure of by the next best that was met on the way."""
    for key in list(climb.pending):
        climb.settle_fallback(key)


def match_names(
    names: Collection[SongName], rejected: Mapping[str, Collection[str]] = MappingProxyType({})
) -> dict[str, list[Match]]:
    """For each name's key the stored songs it may mean, the best first, without ``rejected``."""
    song_index.songs.refresh()
    proposed = {name.key: {c.song_id for c in _propose(name)} for name in names}
    titles = {title for name in names for title in name.titles}
    songs = _read_songs(Q(address__in=set().union(*proposed.values())) | Q(title_key__in=titles))
    by_title: dict[str, set[int]] = defaultdict(set)
    by_address: dict[str, set[int]] = defaultdict(set)
    for place, song in enumerate(songs):
        by_title[song.title_key].add(place)
        by_address[song.song_id].add(place)
    matches = {}
    for name in names:
        places = set().union(*(by_title.get(title, ()) for title in name.titles))
        places |= set().union(*(by_address.get(i, ()) for i in proposed[name.key]))
        found = (songs[place] for place in sorted(places))
        refused = set(rejected.get(name.key, ()))
        matches[name.key] = order_matches(name, [s for s in found if s.song_id not in refused])
    return matches


def rate_songs(name: SongName, songs: Iterable[StoredSong]) -> list[Match]:
    """Those of ``songs`` that ``name`` may mean, in their order."""
    is_word = song_index.songs.is_word
    rated = [Match(song, matching.rate(name, song.candidate, is_word)) for song in songs]
    return [match for match in rated if match.confidence >= POSSIBLE]


def order_matches(name: SongName, songs: Iterable[StoredSong]) -> list[Match]:
    """The songs that ``name`` may mean, each once, the best first.

    Songs that match about as well are ordered by: playable (when there is a key, so that most songs
    are), how few words are strange, how well known.
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
    """The takes that a name asks for, beside the words of the song's own name."""
    own = " ".join((*song.candidate.artists, *song.candidate.titles)) if name.takes else ""
    return name.takes - find_takes(own)


def rate_choice(matches: Sequence[Match]) -> float:
    """The confidence in the first of ``matches``: less when another artist's song fits as well."""
    first = matches[0]
    is_ambiguous = any(
        other.confidence >= first.confidence - _AS_GOOD
        and other.song.artist_key != first.song.artist_key
        for other in matches[1:]
    )
    return first.confidence * (_AMBIGUOUS if is_ambiguous else 1.0)


def search(name: SongName, n: int) -> list[str]:
    """Addresses of up to ``n`` songs that ``name`` names in part or whole, the best first.

    The letters of a link name nothing.
    """
    if not name.key or name.is_link_only or n < 1:
        return []
    song_index.songs.refresh()
    candidates = [c for r in name.readings for c in song_index.songs.find_containing(r, 10 * n)]
    ids = {c.song_id for c in (*candidates, *_propose(name))}
    wanted = (
        Q(address__in=ids)
        | Q(title_key__in=set(name.titles))
        | Q(artist_key=make_artist_key(name.key))
    )
    rated = [(rate_mention(name, s.candidate), s) for s in _read_songs(wanted)]
    rated = [(mention, song) for mention, song in rated if mention >= POSSIBLE]
    rated.sort(key=lambda pair: (-pair[0], -pair[1].candidate.popularity, pair[1].song_id))
    return list(dict.fromkeys(song.song_id for _, song in rated))[:n]


def _propose(name: SongName) -> list[Candidate]:
    return [
        c for reading in name.readings[:2] for c in song_index.songs.find(reading, N_CANDIDATES)
    ]


def read_songs_of(video_ids: Collection[str]) -> dict[str, StoredSong]:
    """The songs that these videos are takes of, by video id, where a name may mean them."""
    videos = VideoFeature.objects.filter(
        video_id__in=video_ids, available=True, take__in=STAND_INS
    ).exclude(song=None)
    pk_of = dict(videos.values_list("video_id", "song_id"))
    songs = _read_by_pk(Q(pk__in=set(pk_of.values())))
    return {video_id: songs[pk] for video_id, pk in pk_of.items() if pk in songs}


def _read_songs(wanted: Q) -> list[StoredSong]:
    """The songs that meet ``wanted`` and that a name may mean, the best known first."""
    return list(_read_by_pk(wanted).values())


def _read_by_pk(wanted: Q) -> dict[int, StoredSong]:
    """The same by primary key. A song that was joined to another one has its own names, and the
    other one's address and takes. One query, or two where a song was joined.
    """
    songs = Song.objects.filter(wanted).best_known_first()
    rows: dict[int, _Row] = {}
    takes: dict[int, list[_TakeRow]] = defaultdict(list)
    for row in songs.values_list(*_COLUMNS, *_TAKE_COLUMNS)[:MAX_ROWS]:
        rows.setdefault(row[0], row[: len(_COLUMNS)])
        takes[row[0]].append(row[len(_COLUMNS) :])
    joined = {row[-2] for row in rows.values() if row[-2] is not None} - rows.keys()
    for song_pk, *take in _read_takes(joined):
        takes[song_pk].append(tuple(take))
    found = {pk: _to_stored(row, takes[row[-2] or pk]) for pk, row in rows.items()}
    return {pk: song for pk, song in found.items() if song.is_bundled or song.takes}


def _read_takes(song_pks: Collection[int]) -> Iterable[tuple[Any, ...]]:
    """The takes of songs, each behind the song's key."""
    if not song_pks:
        return ()
    return Song.objects.filter(pk__in=song_pks).values_list("pk", *_TAKE_COLUMNS)


def _to_stored(row: _Row, take_rows: Iterable[_TakeRow]) -> StoredSong:
    """A song with those of its takes that are the artist's own and there."""
    (
        _, address, artist, title, aliases, popularity, artist_key, title_key,
        is_bundled, _, joined_address,
    ) = row  # fmt: skip
    own = [take for take in take_rows if take[1] in STAND_INS and take[2]]
    own.sort(key=lambda take: (-(take[5] or 0), take[0]))
    return StoredSong(
        candidate=song_index.songs.alias_book.make_candidate(
            joined_address or address, artist, title, aliases, popularity
        ),
        artist_key=artist_key,
        title_key=title_key,
        is_bundled=is_bundled,
        takes=tuple(
            StoredTake(video_id, Take(take), embeddable and not is_live)
            for video_id, take, _, embeddable, is_live, _ in own
        ),
    )
