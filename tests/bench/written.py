"""Titles in ``tests/data/youtube/written_titles.csv``, by kinds, with their artists and songs."""

import csv
from pathlib import Path

from music.names.titles import ParsedTitle

from .labelled import LabelledVideo

FILE = Path(__file__).parents[1] / "data" / "youtube" / "written_titles.csv"


def read_written() -> list[LabelledVideo]:
    """Return all titles; they have no ids."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return [
            LabelledVideo("", row["artist"], row["title"], row["youtube_title"])
            for row in csv.DictReader(lines)
        ]


def is_right(video: LabelledVideo, parsed: ParsedTitle) -> bool:
    """Return whether artist and song are both right; no artist where the title has none."""
    is_artist = video.is_artist(parsed.artist) if video.artist else not parsed.artist
    return is_artist and video.is_song(parsed.song_title)
