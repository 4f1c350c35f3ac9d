"""Answers of the API, and those of the gateway that are more than a list of songs."""

from dataclasses import dataclass
from typing import Any

from music.records import VideoRecord

Answer = dict[str, Any]
"""The JSON object that the API answers with."""


@dataclass(frozen=True, slots=True)
class VideoBatch:
    """The answer for a list of video ids: the videos found, in the order asked, and missing ids."""

    found: tuple[VideoRecord, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel's id and its displayed name."""

    channel_id: str
    title: str


@dataclass(frozen=True, slots=True)
class PlaylistPage:
    """Some entries of a playlist, in its order.

    ``n_read`` counts the entries read, ``n_total`` those that the playlist says it has; entries
    that were read but are not in ``records`` are deleted or private. ``next_page_token`` is empty
    on the last page.
    """

    records: tuple[VideoRecord, ...]
    n_read: int
    n_total: int
    next_page_token: str
