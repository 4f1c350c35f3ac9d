"""Which of the recommender's songs may be suggested at present, and which of them play here."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import connections, router

from music.caching.suggestible_songs import SuggestibleSong, get_known
from music.models import Song
from music.models.video_feature import ITSELF
from music.records import SONG_SECONDS

# By hand, since each new list asks this about hundreds of songs: Django takes three times as long
# to write the query as the database takes to answer it. The condition on joined_to is written as in
# SongQuerySet.unjoined.
_QUERY = """
SELECT song.address, song.artist_key, song.is_bundled,
       video.id, video.blocked_regions, video.allowed_regions
FROM music_song song
LEFT JOIN music_videofeature video ON video.song_id = song.id
    AND video.available AND video.embeddable AND NOT video.is_live AND video.withdrawn_at IS NULL
    AND video.take IN (%s, %s)
    AND (video.duration IS NULL OR video.duration BETWEEN %s AND %s)
WHERE NOT (song.joined_to_id IS NOT NULL) AND song.address
"""
# All addresses as one parameter.
_AMONG = {"sqlite": "IN (SELECT value FROM json_each(%s))", "postgresql": "= ANY(%s)"}


class Suggestible:
    """The songs that may be suggested at present, and those that play here; for one request.

    The index may be older than the database, so songs are looked up here, each once, with one query
    a call for those that are not kept (``suggestible_songs``). Songs by artists whom the
    listener has hidden (``hidden_artists``, their keys) are left out.
    """

    def __init__(self, hidden_artists: Collection[str] = ()) -> None:
        self._hidden_artists = frozenset(hidden_artists)
        self._plays: dict[str, bool] = {}
        self._looked_at: set[str] = set()

    def list_allowed(self, song_ids: Sequence[str]) -> set[str]:
        """Return those of ``song_ids`` that are in the bundled catalogue or play in this region."""
        self._look(song_ids)
        return {song_id for song_id in song_ids if song_id in self._plays}

    def list_playing(self, song_ids: Sequence[str]) -> set[str]:
        """Return those of ``song_ids`` of which a take plays in this region."""
        self._look(song_ids)
        return {song_id for song_id in song_ids if self._plays.get(song_id)}

    def _look(self, song_ids: Sequence[str]) -> None:
        new = set(song_ids) - self._looked_at
        if not new:
            return
        self._looked_at |= new
        known = get_known()
        songs = known.find(new)
        if unknown := new - songs.keys():
            found = _read(unknown)
            known.keep(found)
            songs |= found
        hidden = self._hidden_artists
        self._plays |= {
            song_id: song.plays for song_id, song in songs.items() if song.artist_key not in hidden
        }


def _read(song_ids: Iterable[str]) -> dict[str, SuggestibleSong]:
    """Return the songs that play here, and those of the bundled catalogue, by address."""
    songs: dict[str, SuggestibleSong] = {}
    for song_id, artist_key, is_bundled, *take in _read_takes(song_ids):
        plays = _plays_here(*take) or (song_id in songs and songs[song_id].plays)
        if plays or is_bundled:
            songs[song_id] = SuggestibleSong(artist_key, plays)
    return songs


def _read_takes(song_ids: Iterable[str]) -> list[tuple[Any, ...]]:
    """Return a row for each take that has the song itself and plays, or one for a song without."""
    connection = connections[router.db_for_read(Song)]
    asked = list(song_ids)
    among = json.dumps(asked) if connection.vendor == "sqlite" else asked
    with connection.cursor() as cursor:
        cursor.execute(
            _QUERY + _AMONG[connection.vendor],
            [*ITSELF, SONG_SECONDS[0], SONG_SECONDS[-1], among],
        )
        return cursor.fetchall()


def _plays_here(video: int | None, blocked: str, allowed: str | None) -> bool:
    """Return whether there is a video, and this region may play it.

    ``blocked`` and ``allowed`` are lists of regions as JSON, which takes longer to decode than to
    read.
    """
    region = f'"{settings.YOUTUBE_REGION}"'
    return video is not None and region not in blocked and (allowed is None or region in allowed)
