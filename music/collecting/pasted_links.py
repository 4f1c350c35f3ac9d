"""Fetches videos of pasted links from YouTube's oEmbed address, where there is no key."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from music.errors import SourceUnavailable
from music.records import VideoRecord
from music.youtube import oembed

from .naming import name_song

AT_ONCE = 5
MAX_LINKS = 10
"""The most links of one list that are asked for; others are treated as names not found."""


def fetch_linked(video_ids: Collection[str]) -> tuple[list[VideoRecord], set[str]]:
    """Return records of up to ten of these videos, and the ids of those that do not play here.

    Videos that could not be asked for are in neither.
    """
    asked = sorted(video_ids)[:MAX_LINKS]
    found: list[VideoRecord] = []
    gone: set[str] = set()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for video_id, answer in zip(asked, pool.map(_ask, asked), strict=True):
            if isinstance(answer, VideoRecord):
                found.append(name_song(answer))
            elif answer is None:
                gone.add(video_id)
    return found, gone


def _ask(video_id: str) -> VideoRecord | SourceUnavailable | None:
    try:
        return oembed.fetch_video(video_id)
    except SourceUnavailable as error:
        return error
