"""The questions of a simulated day that were not answered rightly, each with its cause.

``youtube_day.py --misses FILE`` writes one line of JSON each, and prints how many have which cause.
"""

import json
from collections import Counter, defaultdict
from pathlib import Path

from tests.servers.youtube_world.synthetic import RIGHT_KINDS, Song
from tests.servers.youtube_world.world import Video, World


class Misses:
    """Collects the questions that were not answered rightly, while the day goes on."""

    def __init__(self, world: World) -> None:
        self._rows: list[dict[str, object]] = []
        self._videos: dict[int, list[Video]] = defaultdict(list)
        for video in world.videos.values():
            if video.song is not None:
                self._videos[video.song].append(video)

    def add(self, name: str, song: Song, rung: str, played: Video | None) -> None:
        """Record a question, what answered it, and the video that it plays."""
        videos = self._videos[song.rank]
        self._rows.append(
            {
                "name": name,
                "song": f"{song.artist} - {song.title}",
                "rank": song.rank,
                "rung": rung,
                "played": played and f"{played.title} [{played.kind}, {played.channel_title}]",
                "cause": find_cause(song, videos, played),
                "videos": [f"{video.kind}: {video.channel_title}" for video in videos],
            }
        )

    def describe(self) -> list[str]:
        """Return one line for each cause, the most frequent first."""
        causes = Counter(str(row["cause"]) for row in self._rows)
        return [f"not right, {cause}: {n}" for cause, n in causes.most_common()]

    def write(self, path: Path) -> None:
        """Write every question as one line of JSON."""
        path.write_text("".join(f"{json.dumps(row)}\n" for row in self._rows))


def find_cause(song: Song, videos: list[Video], played: Video | None) -> str:
    """Return why a song was not found, from what is stored now and what there is of it."""
    if played is not None:
        return f"wrong, {played.kind} of {'it' if played.song == song.rank else 'another song'}"
    right = [video for video in videos if video.kind in RIGHT_KINDS]
    if any(is_stored(video_id=video.id) for video in right):
        return "not found though stored"
    known = [v for v in right if is_stored(channel_id=v.channel_id)]
    where = "on known channels" if known else "on unknown channels"
    return f"not found, {where}: {', '.join(sorted({v.kind for v in known or right}))}"


def is_stored(**facts: str) -> bool:
    """Return whether a video with these facts is stored."""
    from music.models import VideoFeature

    return VideoFeature.objects.filter(**facts).exists()
