"""Which recording of a song a video shows: the song itself, or another take of it."""

from collections.abc import Sequence
from enum import StrEnum

from .titles import find_versions


class Take(StrEnum):
    """What a video is of its song. The values are stored: none may be renamed."""

    ORIGINAL = "original"
    LYRICS = "lyrics"
    ACOUSTIC = "acoustic"
    LIVE = "live"
    DEMO = "demo"
    REMIX = "remix"
    COVER = "cover"
    KARAOKE = "karaoke"
    INSTRUMENTAL = "instrumental"
    TUTORIAL = "tutorial"
    REACTION = "reaction"
    PARODY = "parody"
    ALTERED = "altered"
    LOOP = "loop"
    COMPILATION = "compilation"
    CLIP = "clip"


def read_take(title: str, channel_title: str = "", tags: Sequence[str] = ()) -> Take:
    """The take that a video's title, channel and tags announce."""
    found = find_versions(title)
    for take in (
        Take.COMPILATION, Take.LOOP, Take.KARAOKE, Take.TUTORIAL, Take.REACTION, Take.PARODY,
        Take.COVER, Take.REMIX, Take.INSTRUMENTAL, Take.LIVE, Take.ACOUSTIC, Take.DEMO, Take.LYRICS,
    ):  # fmt: skip
        if take.value in found:
            return take
    return Take.ALTERED if "speed" in found else Take.CLIP if "cut" in found else Take.ORIGINAL
