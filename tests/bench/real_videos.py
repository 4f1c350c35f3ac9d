"""Real videos with their owners' texts, from three of the large sets."""

import csv
from collections.abc import Iterator
from typing import NamedTuple

from .large_sets import find_set


class RealVideo(NamedTuple):
    """One video's public text; ``views`` as they were when the set was made."""

    video_id: str
    title: str
    channel_title: str
    views: int
    description: str
    tags: tuple[str, ...]


def read_real_videos() -> list[RealVideo]:
    """Return the videos of all three sets, each once; raise ``SetMissingError`` without one."""
    videos = (
        *_read_trending("youtube/trending_us_2017.csv"),
        *_read_trending("youtube/trending_described_2017.csv"),
        *_read_top("youtube/top100_2025.csv"),
        *_read_labelled("youtube/labelled_videos.csv"),
    )
    return list({video.video_id: video for video in videos}.values())


def _read(name: str) -> Iterator[dict[str, str]]:
    with find_set(name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _read_trending(name: str) -> Iterator[RealVideo]:
    for row in _read(name):
        tags = tuple(tag.strip('"') for tag in row["tags"].split("|") if tag != "[none]")
        description = row.get("description", "")
        yield RealVideo(
            row["video_id"],
            row["title"],
            row["channel_title"],
            int(row["views"]),
            description,
            tags,
        )


def _read_top(name: str) -> Iterator[RealVideo]:
    for row in _read(name):
        yield RealVideo(
            row["title"],  # the file has no ids
            row["title"],
            row["channel"],
            int(row["view_count"]),
            row["description"],
            tuple(tag for tag in row["tags"].split(";") if tag),
        )


def _read_labelled(name: str) -> Iterator[RealVideo]:
    for row in _read(name):
        yield RealVideo(row["video_id"], row["youtube_title"], row["artist"], 10_000_000, "", ())
