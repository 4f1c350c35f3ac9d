"""Which of the recommender's songs may be suggested at present, and which of them play here."""

import json
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connections, router

from music.models import Song
from music.models.video_feature import ITSELF
from music.records import SONG_SECONDS

# By hand, since each new list asks this about hundreds of songs: Django takes three times as long
# to write the query as the database takes to answer it. The condition on joined_to is written as in
# SongQuerySet.unjoined. With EXISTS or a join, PostgreSQL would read all videos of a small site.
_QUERY = """
SELECT song.address, song.artist_key, song.is_bundled, (
    SELECT video.id FROM music_videofeature video WHERE video.song_id = song.id
    AND video.available AND video.embeddable AND NOT video.is_live AND video.withdrawn_at IS NULL
    AND video.take IN (%s, %s)
    AND (video.duration IS NULL OR video.duration BETWEEN %s AND %s)
    AND NOT {is_blocked} AND (video.allowed_regions IS NULL OR {is_allowed})
    LIMIT 1
) IS NOT NULL
FROM music_song song
WHERE NOT (song.joined_to_id IS NOT NULL) AND song.address
"""
# All addresses as one parameter.
_AMONG = {"sqlite": "IN (SELECT value FROM json_each(%s))", "postgresql": "= ANY(%s)"}
# Lists of regions are JSON, which takes longer to decode than to search.
_IN_LIST = {"sqlite": "instr({}, %s) > 0", "postgresql": "strpos({}::text, %s) > 0"}


class Suggestible:
    """The songs that may be suggested at present, and those that play here; for one request.

    The index may be older than the database, so songs are looked up here, each once, with one query
    a call. Songs by artists whom the listener has hidden (``hidden_artists``, their keys) are left
    out.
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
        for song_id, artist_key, is_bundled, plays in _read(new):
            if (plays or is_bundled) and artist_key not in self._hidden_artists:
                self._plays[song_id] = bool(plays)


def _read(song_ids: Iterable[str]) -> list[tuple[Any, ...]]:
    """Return a row for each song, with whether a take that has the song itself plays here."""
    connection = connections[router.db_for_read(Song)]
    asked = list(song_ids)
    among = json.dumps(asked) if connection.vendor == "sqlite" else asked
    region = f'"{settings.YOUTUBE_REGION}"'
    with connection.cursor() as cursor:
        cursor.execute(
            _write_query(connection.vendor),
            [*ITSELF, SONG_SECONDS[0], SONG_SECONDS[-1], region, region, among],
        )
        return cursor.fetchall()


@cache
def _write_query(vendor: str) -> str:
    is_blocked, is_allowed = (
        _IN_LIST[vendor].format(f"video.{name}_regions") for name in ("blocked", "allowed")
    )
    return _QUERY.format(is_blocked=is_blocked, is_allowed=is_allowed) + _AMONG[vendor]
