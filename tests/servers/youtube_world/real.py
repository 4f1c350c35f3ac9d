"""The world of the real videos in ``tests/data/youtube/labelled``."""

import csv
from pathlib import Path

from .world import Video, World, make_channel_id

FILE = Path(__file__).parents[2] / "data" / "youtube" / "labelled" / "labelled_videos.csv"


def build_real_world(file: Path = FILE) -> World:
    """Return a world of every video of ``file``; missing facts (channel, views) are made up."""
    world = World()
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            world.add_video(
                Video(
                    id=row["video_id"],
                    title=row["youtube_title"],
                    channel_id=make_channel_id(row["artist"]),
                    channel_title=row["artist"],
                    views=10_000_000,
                )
            )
    world.finish()
    return world
