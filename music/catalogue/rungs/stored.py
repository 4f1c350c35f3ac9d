"""The fourth rung: songs that are stored already, matched on title and artist."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Q

from music.catalogue import song_index
from music.catalogue.climb import Climb
from music.models import VideoFeature
from music.names import matching
from music.names.matching import SURE, Candidate, SongName
from music.names.mentions import rate_mention
from music.names.takes import BY_OTHERS, Take, find_takes, read_take
from music.records import is_catalogue_id
from music.youtube.availability import has_youtube

N_CANDIDATES = 25
MAX_EXACT = 2000
POSSIBLE = 0.6
"""Below this a song is not even offered as an alternative."""
OTHER_TAKE = 0.75
"""A live take, a cover or a karaoke that nobody asked for: not sure, however well the words fit."""
_AS_THE_ORIGINAL = frozenset({Take.ORIGINAL, Take.LYRICS})
"""Takes that sound like the song itself."""
_AS_GOOD = 0.02
_AMBIGUOUS = 0.9
_COLUMNS = (
    "video_id", "artist", "song_title", "aliases", "popularity",
    "title", "artist_key", "title_key", "embeddable", "is_live", "channel_title",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredSong:
    """A song that may be meant, as the database has it now (or a list, see ``listings.py``)."""

    candidate: Candidate
    title: str
    artist_key: str
    title_key: str
    is_playable: bool
    take: Take = Take.ORIGINAL


@dataclass(frozen=True, slots=True)
class Match:
    """A stored song and the confidence that it is meant.

    ``is_other_take`` says that the words fit but for the take (live, cover), which lowers it.
    """

    song: StoredSong
    confidence: float
    is_other_take: bool = False


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
    """Settle the pending names for which these videos were fetched, where one surely matches.

    ``fetched`` holds ids of videos by a name's key. One query.
    """
    wanted = {key: ids for key, ids in fetched.items() if key in climb.pending}
    songs = {song.candidate.video_id: song for song in _read_songs(set().union(*wanted.values()))}
    for key, ids in wanted.items():
        found = [songs[video_id] for video_id in climb.allow(key, ids) if video_id in songs]
        _settle(climb, key, order_matches(climb.pending[key], found), rung)


def _settle(climb: Climb, key: str, matches: Sequence[Match], rung: str) -> None:
    """Answer with the first match if it is sure; else note what it might be.

    With a key an entry of the bundled catalogue is noted only: YouTube's videos can be played.
    """
    ids = [match.song.candidate.video_id for match in matches]
    is_sure = bool(matches) and matches[0].confidence >= SURE
    if is_sure and is_catalogue_id(ids[0]) and has_youtube():
        climb.note_fallback(key, ids[0], rate_choice(matches), is_song=True)
    elif is_sure:
        confidence = rate_choice(matches)
        climb.settle(key, ids[0], confidence=confidence, rung=rung, alternatives=ids[1:])
        return
    climb.suggest(key, ids)
    takes = [m for m in matches if m.is_other_take and m.song.take not in BY_OTHERS]
    if takes and takes[0].confidence >= SURE * OTHER_TAKE:
        climb.note_fallback(key, takes[0].song.candidate.video_id, takes[0].confidence)


def climb_fallbacks(climb: Climb) -> None:
    """Settle what no rung was sure of by the next best that was met on the way."""
    for key in list(climb.pending):
        climb.settle_fallback(key)


def match_names(
    names: Collection[SongName], rejected: Mapping[str, Collection[str]] = MappingProxyType({})
) -> dict[str, list[Match]]:
    """For each name's key the stored songs it may mean, the best first, without ``rejected``."""
    song_index.songs.refresh()
    proposed = {name.key: {c.video_id for c in _propose(name)} for name in names}
    titles = {title for name in names for title in name.titles}
    songs = _read_songs(set().union(*proposed.values()), titles)
    by_id = {song.candidate.video_id: song for song in songs}
    by_title: dict[str, set[str]] = {}
    for song in songs:
        by_title.setdefault(song.title_key, set()).add(song.candidate.video_id)
    matches = {}
    for name in names:
        exact = (by_title.get(title, set()) for title in name.titles)
        ids = proposed[name.key].union(*exact) & by_id.keys()
        ids -= set(rejected.get(name.key, ()))
        matches[name.key] = order_matches(name, [by_id[video_id] for video_id in ids])
    return matches


def match_ids(name: SongName, video_ids: Collection[str]) -> list[Match]:
    """Which of these stored videos ``name`` may mean, every video of a song, the best first."""
    rated = rate_songs(name, _read_songs(video_ids))
    return sorted(rated, key=lambda match: (-match.confidence, match.song.candidate.video_id))


def rate_songs(name: SongName, songs: Iterable[StoredSong]) -> list[Match]:
    """Those of ``songs`` that ``name`` may mean, in their order."""
    rated = [_rate(name, song) for song in songs]
    return [match for match in rated if match.confidence >= POSSIBLE]


def order_matches(name: SongName, songs: Iterable[StoredSong]) -> list[Match]:
    """The songs that ``name`` may mean, one row a song, the best first.

    Songs that match about as well are ordered by: the take that was asked for, playable (when
    there is a key, so that most songs are), how few words are strange, how well known.
    """
    rated = rate_songs(name, songs)
    best = max((match.confidence for match in rated), default=0.0)
    prefers_playable = has_youtube()

    def order(match: Match) -> tuple[object, ...]:
        song = match.song
        is_as_good = match.confidence >= best - _AS_GOOD
        return (
            0.0 if is_as_good else 1.0 - match.confidence,
            song.take not in (_list_asked(name, song) or {Take.ORIGINAL}),
            not song.is_playable and prefers_playable,
            matching.count_strange_words(name, song.candidate) if is_as_good else 0,
            -song.candidate.popularity,
            song.candidate.video_id,
        )

    ordered = sorted(rated, key=order)
    return _one_of_each(ordered)


def _rate(name: SongName, song: StoredSong) -> Match:
    confidence = matching.rate(name, song.candidate, song_index.songs.is_word)
    if confidence < POSSIBLE:
        return Match(song, confidence)
    is_other_take = song.take not in {*_AS_THE_ORIGINAL, *_list_asked(name, song)}
    return Match(song, confidence * (OTHER_TAKE if is_other_take else 1.0), is_other_take)


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
    """Ids of up to ``n`` songs that ``name`` names in part or whole, the best first.

    The letters of a link name nothing.
    """
    if not name.key or name.is_link_only or n < 1:
        return []
    song_index.songs.refresh()
    candidates = [c for r in name.readings for c in song_index.songs.find_containing(r, 10 * n)]
    ids = {c.video_id for c in (*candidates, *_propose(name))}
    songs = _read_songs(ids, set(name.titles), artists={name.key})
    rated = [(rate_mention(name, song.candidate), song) for song in songs]
    rated = [(mention, song) for mention, song in rated if mention >= POSSIBLE]
    rated.sort(
        key=lambda pair: (-pair[0], -pair[1].candidate.popularity, pair[1].candidate.video_id)
    )
    return list(dict.fromkeys(song.candidate.video_id for _, song in rated))[:n]


def _propose(name: SongName) -> list[Candidate]:
    return [
        c for reading in name.readings[:2] for c in song_index.songs.find(reading, N_CANDIDATES)
    ]


def _read_songs(
    ids: Collection[str], titles: Collection[str] = (), artists: Collection[str] = ()
) -> list[StoredSong]:
    """The songs with these ids, exact titles or artists that are still there, best known first."""
    wanted = Q(video_id__in=ids) | Q(title_key__in=titles)
    if artists:
        wanted |= Q(artist_key__in=artists)
    rows = VideoFeature.objects.filter(wanted, available=True).order_by("-popularity", "video_id")
    return [
        StoredSong(
            candidate=song_index.songs.alias_book.make_candidate(
                video_id, artist, song_title, aliases, popularity
            ),
            title=title,
            artist_key=artist_key,
            title_key=title_key,
            is_playable=embeddable and not is_live and not is_catalogue_id(video_id),
            take=Take.ORIGINAL if is_catalogue_id(video_id) else read_take(title, channel_title),
        )
        for (
            video_id, artist, song_title, aliases, popularity,
            title, artist_key, title_key, embeddable, is_live, channel_title,
        ) in rows.values_list(*_COLUMNS)[: MAX_EXACT + len(ids)]
    ]  # fmt: skip


def _one_of_each(matches: list[Match]) -> list[Match]:
    """The first of every song: of several videos of one song the best."""
    first: dict[tuple[str, str], Match] = {}
    for match in matches:
        song = match.song
        key = (song.artist_key, song.title_key) if song.artist_key else ("", song.title)
        first.setdefault(key, match)
    return list(first.values())
