"""Reads artist, song and kind of take from a video as YouTube describes it."""

from dataclasses import replace
from functools import lru_cache

from music.names.artists import ArtistNames
from music.names.genres import infer_genre
from music.names.takes import read_take
from music.names.titles import ParsedTitle, parse_title
from music.records import VideoRecord

from .artists import artists

MAX_KEPT = 2_000
"""How many parsed titles are kept: a video is often named as it was listed, then as described."""


def name_song(record: VideoRecord) -> VideoRecord:
    """Return the record of a video with artist, song title, take and genre filled in.

    They are read from the title as YouTube shows it, the channel and the tags; the artists of the
    bundled catalogue distinguish "Basket Case - Green Day" from "Green Day - Basket Case".
    """
    parsed = _parse(record.title, record.channel_title, artists.read_names())
    return replace(
        record,
        artist=parsed.artist,
        song_title=parsed.song_title,
        take=read_take(record.title, record.channel_title, record.tags),
        genre=infer_genre(record),
    )


@lru_cache(maxsize=MAX_KEPT)
def _parse(title: str, channel_title: str, known: ArtistNames) -> ParsedTitle:
    return parse_title(title, channel_title, known.is_known, known.is_distinct, known.has_song)
