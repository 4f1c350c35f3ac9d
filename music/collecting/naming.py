"""Reads artist, song and kind of take from a video as YouTube describes it."""

from dataclasses import replace

from music.names.genres import infer_genre
from music.names.takes import read_take
from music.names.titles import parse_title
from music.records import VideoRecord

from .artists import artists


def name_song(record: VideoRecord) -> VideoRecord:
    """Return the record of a video with artist, song title, take and genre filled in.

    They are read from the title as YouTube shows it, the channel and the tags; the artists of the
    bundled catalogue distinguish "Basket Case - Green Day" from "Green Day - Basket Case".
    """
    parsed = parse_title(
        record.title,
        record.channel_title,
        artists.is_known,
        artists.is_distinct,
        artists.has_song,
    )
    return replace(
        record,
        artist=parsed.artist,
        song_title=parsed.song_title,
        take=read_take(record.title, record.channel_title, record.tags),
        genre=infer_genre(record),
    )
