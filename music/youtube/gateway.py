"""The only code that knows the YouTube Data API: one method per endpoint, records out.

Every method names its ``caller`` for the quota ledger (the constants of ``quota.py``), asks only
for the fields that are parsed, and raises the errors of ``music.errors``: QuotaExhausted (with
``until``), KeyRejected, SourceUnavailable, SourceNotFound, SourceRejected.
"""

import logging
import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from music.errors import KeyRejected, SourceNotFound, SourceRejected
from music.names.addresses import is_video_id, to_uploads_playlist
from music.records import VideoRecord
from music.youtube import parsing
from music.youtube.answers import Answer, Channel, PlaylistPage, VideoBatch
from music.youtube.quota import SEARCH, UNITS

if TYPE_CHECKING:
    from music.youtube.calls import GuardedApi

PAGE_SIZE = 50
MUSIC_CATEGORY = "10"

_VIDEO_PARTS = "snippet,contentDetails,statistics,status,topicDetails"
_VIDEO_FIELDS = (
    "nextPageToken,items(id,"
    "snippet(publishedAt,channelId,title,description,channelTitle,tags,"
    "liveBroadcastContent,defaultLanguage,defaultAudioLanguage),"
    "contentDetails(duration,regionRestriction,contentRating/ytRating),"
    "statistics/viewCount,status(uploadStatus,privacyStatus,embeddable,madeForKids),"
    "topicDetails/topicCategories)"
)
_SEARCH_FIELDS = (
    "items(id(kind,videoId),"
    "snippet(publishedAt,channelId,title,description,channelTitle,liveBroadcastContent))"
)
_CHANNEL_FIELDS = "items(id,snippet/title)"
_PLAYLIST_FIELDS = (
    "nextPageToken,pageInfo/totalResults,items("
    "snippet(title,resourceId/videoId,videoOwnerChannelTitle,videoOwnerChannelId),"
    "contentDetails(videoId,videoPublishedAt),status/privacyStatus)"
)

logger = logging.getLogger(__name__)


class YouTubeGateway:
    """The YouTube Data API v3 as a handful of calls."""

    def __init__(self, api: "GuardedApi") -> None:
        self._api = api

    @property
    def is_answering(self) -> bool:
        """Whether YouTube can be asked; False while this machine waits for its recovery."""
        return self._api.breaker.state == "closed" and not self._api.outage.is_announced

    @property
    def is_key_rejected(self) -> bool:
        """Whether YouTube refused the key lately; it is tried again after some minutes."""
        return self._api.key_breaker.state != "closed"

    def prepare(self) -> None:
        """Load what the first call would otherwise wait for; no network."""
        self._api.prepare(("search", "videos", "playlistItems", "channels"))

    def search(self, query: str, *, caller: str, region: str | None = None) -> list[VideoRecord]:
        """Return the first 50 music videos for ``query``, best first; one search call.

        They have only titles, channels and dates: ``fetch_videos`` gives the rest.
        """
        query = " ".join(query.split())
        if not query:
            raise SourceRejected("There is nothing to search for.")
        answer = self._search(
            caller=caller,
            q=query,
            type="video",
            videoCategoryId=MUSIC_CATEGORY,
            regionCode=region or settings.YOUTUBE_REGION,
            fields=_SEARCH_FIELDS,
        )
        return parsing.parse_search_answer(answer)

    def fetch_videos(self, video_ids: Sequence[str], *, caller: str) -> VideoBatch:
        """Return everything about each video, one unit per 50; repeated ids are asked for once.

        Texts that are not ids of YouTube are reported as missing without a call.
        """
        wanted = list(dict.fromkeys(video_ids))
        askable = [video_id for video_id in wanted if is_video_id(video_id)]
        found: dict[str, VideoRecord] = {}
        for start in range(0, len(askable), PAGE_SIZE):
            ids = ",".join(askable[start : start + PAGE_SIZE])
            answer = self._list_videos(caller=caller, id=ids)
            found |= {record.video_id: record for record in parsing.parse_videos_answer(answer)}
        return VideoBatch(
            found=tuple(found[video_id] for video_id in wanted if video_id in found),
            missing=tuple(video_id for video_id in wanted if video_id not in found),
        )

    def fetch_popular(self, *, region: str, caller: str, max_pages: int = 1) -> list[VideoRecord]:
        """Return popular music videos of ``region`` (ISO 3166-1 alpha-2), one unit per 50.

        Raises SourceNotFound where YouTube has no music chart.
        """
        records: list[VideoRecord] = []
        token = ""
        for _ in range(max_pages):
            answer = self._list_videos(
                caller=caller,
                chart="mostPopular",
                regionCode=region,
                videoCategoryId=MUSIC_CATEGORY,
                maxResults=PAGE_SIZE,
                **_page(token),
            )
            records += parsing.parse_videos_answer(answer)
            token = answer.get("nextPageToken", "")
            if not token:
                break
        return records

    def fetch_uploads_page(
        self, channel_id: str, *, caller: str, page_token: str = ""
    ) -> PlaylistPage:
        """Return up to 50 of a channel's uploads, newest first, from ``page_token`` on.

        One unit.
        """
        playlist_id = _find_uploads(channel_id)
        return self.fetch_playlist_page(playlist_id, caller=caller, page_token=page_token)

    def find_channel(self, handle: str, *, caller: str) -> Channel | None:
        """Return the channel with this handle ("nirvana", with or without "@"), or None.

        One unit.
        """
        answer = self._api.list(
            "channels",
            bucket=UNITS,
            caller=caller,
            part="id,snippet",
            forHandle=handle,
            fields=_CHANNEL_FIELDS,
        )
        return next((Channel(*named) for named in parsing.parse_channels(answer)), None)

    def fetch_playlist_page(
        self, playlist_id: str, *, caller: str, page_token: str = ""
    ) -> PlaylistPage:
        """Return up to 50 entries of a playlist from ``page_token`` on; one unit."""
        answer = self._api.list(
            "playlistItems",
            bucket=UNITS,
            caller=caller,
            part="snippet,contentDetails,status",
            playlistId=playlist_id,
            maxResults=PAGE_SIZE,
            fields=_PLAYLIST_FIELDS,
            **_page(page_token),
        )
        items = answer.get("items")
        return PlaylistPage(
            records=tuple(parsing.parse_playlist_items(answer)),
            n_read=len(items) if isinstance(items, list) else 0,
            n_total=parsing.parse_total(answer),
            next_page_token=answer.get("nextPageToken", ""),
        )

    def _search(self, *, caller: str, **parameters: object) -> Answer:
        return self._api.list(
            "search",
            bucket=SEARCH,
            caller=caller,
            part="snippet",
            maxResults=PAGE_SIZE,
            **parameters,
        )

    def _list_videos(self, *, caller: str, **parameters: object) -> Answer:
        return self._api.list(
            "videos",
            bucket=UNITS,
            caller=caller,
            part=_VIDEO_PARTS,
            fields=_VIDEO_FIELDS,
            **parameters,
        )


def find_gateway() -> YouTubeGateway | None:
    """Return the gateway of this process; None when no API key is set."""
    if not settings.YOUTUBE_API_KEY:
        return None
    return _build_gateway(
        settings.YOUTUBE_API_KEY, settings.YOUTUBE_API_ENDPOINT, settings.YOUTUBE_TIMEOUT_SECONDS
    )


def get_gateway() -> YouTubeGateway:
    """Return the gateway of this process; raise KeyRejected when no API key is set."""
    gateway = find_gateway()
    if gateway is None:
        raise KeyRejected(
            "No YouTube API key is set.", hint="Set YOUTUBE_API_KEY; the catalogue works without."
        )
    return gateway


def forget_gateway() -> None:
    """Drop the gateway with its connections; the next call makes a new one."""
    _build_gateway.cache_clear()


@lru_cache(maxsize=1)
def _build_gateway(api_key: str, endpoint: str | None, timeout_seconds: float) -> YouTubeGateway:
    # Google's client is not imported without a key.
    from music.youtube.calls import GuardedApi

    return YouTubeGateway(
        GuardedApi(api_key=api_key, endpoint=endpoint, timeout_seconds=timeout_seconds)
    )


def _find_uploads(channel_id: str) -> str:
    playlist_id = to_uploads_playlist(channel_id)
    if playlist_id is None:
        raise SourceNotFound(f"{channel_id!r} is not the id of a YouTube channel.")
    return playlist_id


def _page(token: str) -> dict[str, str]:
    return {"pageToken": token} if token else {}


# Two processes must not talk through one connection: a forked worker opens its own.
os.register_at_fork(after_in_child=forget_gateway)
