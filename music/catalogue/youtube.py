"""YouTube as a source of songs: the gateway's videos, with artist, title and genre made out."""

from collections.abc import Iterable, Sequence

from django.conf import settings

from music.caching import keys, responses
from music.errors import QuotaExhausted, SourceUnavailable
from music.records import SongRecord
from music.youtube.answers import PlaylistPage
from music.youtube.gateway import YouTubeGateway, get_gateway

from .naming import name_song


class YouTubeSource:
    """Calls of the gateway behind the interface of every source.

    All methods raise the errors of ``music.errors``; quota is spent in the name of ``caller``.
    """

    name = "youtube"

    def __init__(self, gateway: YouTubeGateway | None = None) -> None:
        self._gateway = gateway or get_gateway()

    def search(self, query: str, *, caller: str) -> list[SongRecord]:
        """Up to 50 videos for ``query``, best first, with all that is known of them.

        One search call and one unit; when only the unit cannot be had, what the search told.
        The last answers are kept, whoever asks.
        """
        found = self.find(query, caller=caller)
        try:
            return self.fetch([record.video_id for record in found], caller=caller)
        except (QuotaExhausted, SourceUnavailable):
            return [name_song(record) for record in found]

    def find(self, query: str, *, caller: str) -> list[SongRecord]:
        """What a search tells of up to 50 videos, as YouTube has it; one search call."""
        key = keys.response_key("search", query=query, region=settings.YOUTUBE_REGION)
        return responses.fetch(key, lambda: self._gateway.search(query, caller=caller))

    def fetch(self, video_ids: Sequence[str], *, caller: str) -> list[SongRecord]:
        """All that is known of these videos, in their order; one unit per 50."""
        return _name_all(self._gateway.fetch_videos(video_ids, caller=caller).found)

    def list_uploads(self, channel_id: str, *, caller: str, page_token: str = "") -> PlaylistPage:
        """Fifty titles of a channel's uploads, as YouTube has them; one unit."""
        return self._gateway.fetch_uploads_page(channel_id, caller=caller, page_token=page_token)

    def fetch_channel(self, channel_id: str, *, caller: str, n_pages: int = 1) -> list[SongRecord]:
        """A channel's newest uploads with all that is known of them; two units per 50."""
        listed = self._gateway.fetch_channel_uploads(channel_id, caller=caller, max_pages=n_pages)
        return self.fetch([record.video_id for record in listed], caller=caller)

    def fetch_playlist(self, playlist_id: str, *, caller: str, max_items: int) -> list[SongRecord]:
        """The videos of a playlist with all that is known of them; two units per 50."""
        page = self._gateway.fetch_playlist(playlist_id, caller=caller, max_items=max_items)
        return self.fetch([record.video_id for record in page.records], caller=caller)

    def fetch_popular(self, *, caller: str, region: str = "") -> list[SongRecord]:
        """The music chart of a region (the configured one by default), one unit per 50."""
        wanted = region or settings.YOUTUBE_REGION
        return _name_all(self._gateway.fetch_popular(region=wanted, caller=caller))


def _name_all(records: Iterable[SongRecord]) -> list[SongRecord]:
    return [name_song(record) for record in records]
