"""The world of the real metadata in ``../shared/data/youtube``, next to the project."""

import csv
from collections.abc import Iterator
from pathlib import Path

from .world import Video, World, make_channel_id, make_video_id

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "youtube"


def build_real_world() -> World:
    """Every real video there is; what a file does not say (channel, views) is made up plainly."""
    world = World()
    for video in (
        *_read_labelled(),
        *_read_trending("trending_us_2017.csv"),
        *_read_trending("trending_described_2017.csv"),
        *_read_top(),
    ):
        world.add_video(video)
    world.finish()
    return world


def _read(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _read_labelled() -> Iterator[Video]:
    for row in _read("labelled_videos.csv"):
        yield Video(
            id=row["video_id"],
            title=row["youtube_title"],
            channel_id=make_channel_id(row["artist"]),
            channel_title=row["artist"],
            views=10_000_000,
        )


def _read_trending(name: str) -> Iterator[Video]:
    for row in _read(name):
        yield Video(
            id=row["video_id"],
            title=row["title"],
            channel_id=make_channel_id(row["channel_title"]),
            channel_title=row["channel_title"],
            views=int(row["views"]),
            published_at=row.get("publish_time") or "2017-09-01T00:00:00Z",
            description=row.get("description", ""),
            tags=tuple(tag.strip('"') for tag in row["tags"].split("|") if tag != "[none]"),
        )


def _read_top() -> Iterator[Video]:
    for row in _read("top100_2025.csv"):
        seconds = int(row["duration"])
        yield Video(
            id=make_video_id("top100", row["title"]),  # the file has no ids
            title=row["title"],
            channel_id=row["channel_url"].rpartition("/")[2],
            channel_title=row["channel"],
            views=int(row["view_count"]),
            description=row["description"],
            tags=tuple(tag for tag in row["tags"].split(";") if tag),
            duration=f"PT{seconds // 60}M{seconds % 60}S",
        )
