"""What the gateway answers with where a list of songs is not enough."""

from dataclasses import dataclass

from music.records import VideoRecord


@dataclass(frozen=True, slots=True)
class VideoBatch:
    """Answer to a list of video ids: what was found, in the order asked, and what was not."""

    found: tuple[VideoRecord, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel's id and the name it shows."""

    channel_id: str
    title: str


@dataclass(frozen=True, slots=True)
class PlaylistPage:
    """Some entries of a playlist, in its order.

    ``n_read`` counts the entries read, ``n_total`` those that the playlist says it has; those that
    were read and are not in ``records`` are deleted or private. ``next_page_token`` is empty on
    the last page.
    """

    records: tuple[VideoRecord, ...]
    n_read: int
    n_total: int
    next_page_token: str
