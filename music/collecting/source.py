"""YouTube as a source of songs: its videos, with artist, title and genre recognised."""

from collections.abc import Sequence

from django.conf import settings

from music.caching import keys, responses
from music.records import VideoRecord
from music.youtube.answers import PlaylistPage
from music.youtube.gateway import get_gateway

from .artists import artists
from .naming import name_song


class YouTubeSource:
    """Calls of the gateway, whose answers are cached and named.

    All methods raise the errors of ``music.errors``; quota is spent in the name of ``caller``.
    """

    def __init__(self) -> None:
        self._gateway = get_gateway()
        artists.prepare()

    def find(self, query: str, *, caller: str) -> list[VideoRecord]:
        """Return up to 50 videos that a search finds, as YouTube describes them.

        One search call.
        """
        key = keys.response_key("search", query=query, region=settings.YOUTUBE_REGION)
        return responses.fetch(key, lambda: self._gateway.search(query, caller=caller))

    def fetch(self, video_ids: Sequence[str], *, caller: str) -> list[VideoRecord]:
        """Return the full records of these videos, in their order; one unit per 50."""
        return [name_song(record) for record in self.describe(video_ids, caller=caller)]

    def describe(self, video_ids: Sequence[str], *, caller: str) -> list[VideoRecord]:
        """Return these videos as YouTube describes them, in their order; one unit per 50."""
        return list(self._gateway.fetch_videos(video_ids, caller=caller).found)

    def list_uploads(self, channel_id: str, *, caller: str, page_token: str = "") -> PlaylistPage:
        """Return fifty titles of a channel's uploads, as YouTube has them; one unit."""
        return self._gateway.fetch_uploads_page(channel_id, caller=caller, page_token=page_token)

    def list_playlist(self, playlist_id: str, *, caller: str, page_token: str = "") -> PlaylistPage:
        """Return up to 50 titles of a playlist, as YouTube has them, from a page on; one unit."""
        return self._gateway.fetch_playlist_page(playlist_id, caller=caller, page_token=page_token)
