"""From a video as YouTube describes it to a song: who, what, and how well known."""

from dataclasses import replace
from math import log10

from music.names.genres import infer_genre
from music.names.titles import parse_title
from music.records import VideoRecord

_MOST_VIEWS = 10**10


def name_song(record: VideoRecord) -> VideoRecord:
    """The record of a video with artist, song title, genre and popularity filled in.

    Popularity is the place of the view count between one and ten thousand million, by powers of
    ten, on 0 to 100; hidden counts leave it unknown.
    """
    parsed = parse_title(record.title, record.channel_title)
    views = record.view_count
    popularity = None
    if views is not None:
        popularity = round(100 * min(log10(max(views, 1)) / log10(_MOST_VIEWS), 1))
    return replace(
        record,
        artist=parsed.artist,
        song_title=parsed.song_title,
        genre=infer_genre(record),
        popularity=popularity,
    )
