"""What a source of songs can do, and which one is in use."""

from collections.abc import Sequence
from typing import Protocol

from django.conf import settings

from music.records import SongRecord


class Source(Protocol):
    """Somewhere songs come from. All methods may raise ``SourceError``."""

    name: str

    def search(self, query: str, *, caller: str) -> list[SongRecord]:
        """Songs that match free text, the best first; at most 50."""
        ...

    def fetch(self, video_ids: Sequence[str], *, caller: str) -> list[SongRecord]:
        """The songs with these ids, in their order; unknown ids are left out."""
        ...

    def fetch_channel(self, channel_id: str, *, caller: str, n_pages: int = 1) -> list[SongRecord]:
        """A channel's songs, the newest first; a page has 50."""
        ...

    def fetch_popular(self, *, caller: str, region: str = "") -> list[SongRecord]:
        """What is popular now, the most popular first."""
        ...

    def fetch_playlist(self, playlist_id: str, *, caller: str, max_items: int) -> list[SongRecord]:
        """The songs of a playlist that can be watched, in its order, at most ``max_items``."""
        ...


def has_youtube() -> bool:
    """Whether songs can be asked for at YouTube (a key is set)."""
    return bool(settings.YOUTUBE_API_KEY)


def get_source() -> Source:
    """YouTube when there is a key for it, otherwise the bundled catalogue."""
    if has_youtube():
        from .youtube import YouTubeSource  # not imported, nor its client, without a key

        return YouTubeSource()
    from .bundled import CatalogueSource

    return CatalogueSource()
