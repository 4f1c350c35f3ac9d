"""Songs that a name may mean, read from the database: their names and the artists' own takes."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from music.catalogue import song_index
from music.models import Song, VideoFeature
from music.models.video_feature import ITSELF, STAND_INS
from music.names.matching import Candidate
from music.names.takes import Take
from tunetrace_site.replication.prepared import PreparedQuery

MAX_ROWS = 8000
"""The most songs of one title that are read, with their takes."""
_COLUMNS = (
    "pk", "address", "artist", "title", "aliases", "popularity", "artist_key", "title_key",
    "is_bundled", "joined_to_id", "joined_to__address",
)  # fmt: skip
_TAKE_COLUMNS = (
    "takes__video_id", "takes__take", "takes__available", "takes__embeddable", "takes__is_live",
    "takes__view_count",
)  # fmt: skip


def _prepare(wanted: Callable[..., Q]) -> PreparedQuery[Song]:
    """Return the query for the songs that meet ``wanted`` of its values, a row for each take."""
    return PreparedQuery(
        Song,
        lambda *values: (
            Song.objects.filter(wanted(*values))
            .best_known_first()
            .values_list(*_COLUMNS, *_TAKE_COLUMNS)[:MAX_ROWS]
        ),
    )


_WITH_KEYS = _prepare(lambda pks: Q(pk__among=pks))
_OWN_TAKES = VideoFeature.objects.filter(
    song=Coalesce(OuterRef("joined_to"), OuterRef("pk")), available=True, take__in=STAND_INS
)
_PRESENT = PreparedQuery(
    Song,
    lambda addresses: Song.objects.filter(
        Q(is_bundled=True) | Exists(_OWN_TAKES), address__among=addresses
    ).values_list("address", "joined_to__address"),
)
_TITLED = _prepare(lambda titles: Q(title_key__among=titles))
_AT_OR_TITLED = _prepare(lambda at, titles: Q(address__among=at) | Q(title_key__among=titles))
_NAMES_TITLED_OR_BY = PreparedQuery(
    Song,
    lambda titles, by: (
        Song.objects.filter(Q(title_key__among=titles) | Q(artist_key=by))
        .best_known_first()
        .values_list("address", "artist", "title", "aliases", "popularity", "joined_to__address")
    )[:MAX_ROWS],
)
_Row = tuple[Any, ...]
_TakeRow = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class StoredTake:
    """An existing video by a song's artist, which a name may mean, or which plays the song."""

    video_id: str
    take: Take
    is_playable: bool


@dataclass(frozen=True, slots=True)
class StoredSong:
    """A song that a name may mean, as stored now.

    ``takes`` are the artist's own, most viewed first.
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
        """Return the id of a take of one of these kinds ("live"); None where there is none."""
        return next((take.video_id for take in self.takes if take.take in asked), None)


def read_songs_of(video_ids: Collection[str]) -> dict[str, StoredSong]:
    """Return the songs that these videos are takes of, by video id, where a name may mean them."""
    videos = VideoFeature.objects.filter(
        video_id__in=video_ids, available=True, take__in=STAND_INS
    ).exclude(song=None)
    pk_of = dict(videos.values_list("video_id", "song_id"))
    songs = {row[0]: song for row, song in _to_songs(_WITH_KEYS.fetch(set(pk_of.values())))}
    return {video_id: songs[pk] for video_id, pk in pk_of.items() if pk in songs}


def read_songs_titled(titles: Collection[str], addresses: Collection[str] = ()) -> list[StoredSong]:
    """Return the songs with one of the keys ``titles``, or at one of ``addresses``.

    Only those that a name may mean, the best known first.
    """
    rows = _AT_OR_TITLED.fetch(addresses, titles) if addresses else _TITLED.fetch(titles)
    return [song for _, song in _to_songs(rows)]


def read_names_titled_or_by(titles: Collection[str], artist_key: str) -> list[Candidate]:
    """Return the names of the songs with one of the keys ``titles``, or by the artist with
    ``artist_key``, the best known first; also of songs that no name may mean.
    """
    make = song_index.songs.alias_book.make_candidate
    rows = _NAMES_TITLED_OR_BY.fetch(titles, artist_key)
    return [make(joined or address, *names) for address, *names, joined in rows]


def find_present(addresses: Collection[str]) -> dict[str, str]:
    """Return where the songs at these addresses that a name may mean are now, by address."""
    return {address: joined or address for address, joined in _PRESENT.fetch(addresses)}


def _to_songs(found: Iterable[_Row]) -> list[tuple[_Row, StoredSong]]:
    """Return songs of the rows of a query, the song and one of its takes in each, as ``_prepare``
    makes it; each song with its own row.

    A song that was joined to another has its own names, and the other's address and takes: one
    more query where there is such a song.
    """
    rows, takes = _group(found)
    songs = [(row, _to_stored(row, takes[row[-2] or pk])) for pk, row in rows.items()]
    return [(row, song) for row, song in songs if song.is_bundled or song.takes]


def _group(found: Iterable[_Row]) -> tuple[dict[int, _Row], dict[int, list[_TakeRow]]]:
    """Return the songs' own columns, and the rows of their takes, by the song's key."""
    rows: dict[int, _Row] = {}
    takes: dict[int, list[_TakeRow]] = defaultdict(list)
    for row in found:
        rows.setdefault(row[0], row[: len(_COLUMNS)])
        takes[row[0]].append(row[len(_COLUMNS) :])
    joined = {row[-2] for row in rows.values() if row[-2] is not None} - rows.keys()
    for song_pk, *take in _read_takes(joined):
        takes[song_pk].append(tuple(take))
    return rows, takes


def _list_own(takes: Iterable[_TakeRow]) -> list[_TakeRow]:
    """Return the available ones of ``takes`` that are by the artist, most viewed first."""
    own = [take for take in takes if take[1] in STAND_INS and take[2]]
    own.sort(key=lambda take: (-(take[5] or 0), take[0]))
    return own


def _read_takes(song_pks: Collection[int]) -> Iterable[tuple[Any, ...]]:
    """Return the takes of songs by the song's key."""
    if not song_pks:
        return ()
    return Song.objects.filter(pk__in=song_pks).values_list("pk", *_TAKE_COLUMNS)


def _to_stored(row: _Row, take_rows: Iterable[_TakeRow]) -> StoredSong:
    """Return a song with those of its takes that are the artist's own and available."""
    (
        _, address, artist, title, aliases, popularity, artist_key, title_key,
        is_bundled, _, joined_address,
    ) = row  # fmt: skip
    return StoredSong(
        candidate=song_index.songs.alias_book.make_candidate(
            joined_address or address, artist, title, aliases, popularity
        ),
        artist_key=artist_key,
        title_key=title_key,
        is_bundled=is_bundled,
        takes=tuple(
            StoredTake(video_id, Take(take), embeddable and not is_live)
            for video_id, take, _, embeddable, is_live, _ in _list_own(take_rows)
        ),
    )
