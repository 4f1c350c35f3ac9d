"""The four ``list`` methods over a world: checked parameters in, JSON bodies out."""

import base64
import hashlib
import html
from collections.abc import Callable, Sequence
from typing import Any

from tests.servers.youtube_world.world import MUSIC, Channel, Playlist, Video, World

from . import refusals
from .refusals import bad_request

Parameters = dict[str, str]
Answer = dict[str, Any]

SEARCH_PARTS = {"snippet"}
VIDEO_PARTS = {"snippet", "contentDetails", "statistics", "status", "topicDetails", "id"}
PLAYLIST_PARTS = {"snippet", "contentDetails", "status", "id"}
CHANNEL_PARTS = {"snippet", "contentDetails", "statistics", "id"}


def list_search(world: World, given: Parameters) -> Answer:
    _read_parts(given, SEARCH_PARTS)
    if given.get("type") != "video" and any(name.startswith("video") for name in given):
        raise bad_request("invalidSearchFilter", "The request contains an invalid combination.")
    category = given.get("videoCategoryId")
    query = given.get("q", "")
    found = world.search(query, category=category)
    results = [_search_result("youtube#video", {"videoId": v.id}, v.title, v) for v in found]
    if "video" not in given.get("type", "video,channel,playlist").split(",") or "type" not in given:
        channels = [_channel_result(channel) for channel in world.search_channels(query)]
        results = channels + (results if "type" not in given else [])
    answer = _page("youtube#searchListResponse", results, given, default_size=5)
    # Whatever the query, as recorded.
    answer["pageInfo"]["totalResults"] = 1_000_000
    return {**answer, "regionCode": given.get("regionCode", "US")}


def list_videos(world: World, given: Parameters) -> Answer:
    parts = _read_parts(given, VIDEO_PARTS)
    if ("id" in given) == ("chart" in given):
        raise bad_request("missingRequiredParameter", "No filter selected. Give id or chart.")
    if "chart" in given:
        if given.get("videoCategoryId", MUSIC) != MUSIC:
            raise refusals.chart_not_found()
        videos = world.get_chart(given.get("regionCode", "US"))
        items = [_describe_video(video, parts) for video in videos]
        return _page("youtube#videoListResponse", items, given, default_size=5)
    ids = given["id"].split(",")
    if len(ids) > 50:
        raise bad_request("invalidFilters", "The request specifies too many ids.")
    found = [video for i in dict.fromkeys(ids) if (video := world.get_public(i)) is not None]
    return _whole("youtube#videoListResponse", [_describe_video(v, parts) for v in found])


def list_playlist_items(world: World, given: Parameters) -> Answer:
    parts = _read_parts(given, PLAYLIST_PARTS)
    if "playlistId" not in given:
        raise bad_request("missingRequiredParameter", "No filter selected. Give playlistId.")
    playlist = world.get_playlist(given["playlistId"])
    if playlist is None:
        raise refusals.playlist_not_found()
    if playlist.privacy == "private":
        raise refusals.playlist_private()
    items = [
        _describe_playlist_item(world, playlist, position, video_id, parts)
        for position, video_id in enumerate(playlist.video_ids)
    ]
    return _page("youtube#playlistItemListResponse", items, given, default_size=5)


def list_channels(world: World, given: Parameters) -> Answer:
    parts = _read_parts(given, CHANNEL_PARTS)
    if ("id" in given) == ("forHandle" in given):
        raise bad_request("missingRequiredParameter", "No filter selected. Give id or forHandle.")
    if "id" in given:
        found = [world.channels[i] for i in given["id"].split(",")[:50] if i in world.channels]
    else:
        handle = "@" + given["forHandle"].lstrip("@").lower()
        found = [c for c in world.channels.values() if c.handle == handle][:1]
    return _whole("youtube#channelListResponse", [_describe_channel(c, parts) for c in found])


ENDPOINTS: dict[str, tuple[str, Callable[[World, Parameters], Answer]]] = {
    "/youtube/v3/search": ("search", list_search),
    "/youtube/v3/videos": ("videos", list_videos),
    "/youtube/v3/playlistItems": ("playlistItems", list_playlist_items),
    "/youtube/v3/channels": ("channels", list_channels),
}


def _read_parts(given: Parameters, known: set[str]) -> set[str]:
    parts = set(given["part"].split(","))
    if unknown := sorted(parts - known):
        raise bad_request("unknownPart", f"'{unknown[0]}' cannot be used here.")
    return parts


def _page(kind: str, items: Sequence[Answer], given: Parameters, *, default_size: int) -> Answer:
    size = int(given.get("maxResults", default_size))
    start = _read_page_token(given.get("pageToken"))
    answer = _whole(kind, items[start : start + size])
    answer["pageInfo"] = {"totalResults": len(items), "resultsPerPage": size}
    if start + size < len(items):
        answer["nextPageToken"] = _make_page_token(start + size)
    if start:
        answer["prevPageToken"] = _make_page_token(max(start - size, 0))
    return answer


def _whole(kind: str, items: Sequence[Answer]) -> Answer:
    n = len(items)
    page_info = {"totalResults": n, "resultsPerPage": n}
    return {"kind": kind, "etag": _etag(kind, n), "pageInfo": page_info, "items": list(items)}


def _make_page_token(start: int) -> str:
    return base64.urlsafe_b64encode(f"at{start}".encode()).decode().rstrip("=")


def _read_page_token(token: str | None) -> int:
    if token is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        return int(text.removeprefix("at"))
    except ValueError:
        message = "The request specifies an invalid page token."
        raise bad_request("invalidPageToken", message) from None


def _search_result(kind: str, named: Answer, title: str, video: Video) -> Answer:
    return {
        "kind": "youtube#searchResult",
        "etag": _etag(video.id),
        "id": {"kind": kind, **named},
        "snippet": {
            "publishedAt": video.published_at,
            "channelId": video.channel_id,
            "title": _escape(title),
            "description": _escape(video.description[:160]),
            "thumbnails": _thumbnails(video.id),
            "channelTitle": _escape(video.channel_title),
            "liveBroadcastContent": video.live,
        },
    }


def _channel_result(channel: Channel) -> Answer:
    as_video = Video(channel.id, channel.title, channel.id, channel.title, views=0)
    return _search_result("youtube#channel", {"channelId": channel.id}, channel.title, as_video)


def _describe_video(video: Video, parts: set[str]) -> Answer:
    described = {
        "snippet": _describe_snippet,
        "contentDetails": _describe_content,
        "statistics": lambda v: {} if v.statistics_hidden else {"viewCount": str(v.views)},
        "status": _describe_status,
        "topicDetails": lambda v: {
            "topicCategories": [f"https://en.wikipedia.org/wiki/{topic}" for topic in v.topics]
        },
    }
    body: Answer = {"kind": "youtube#video", "etag": _etag(video.id), "id": video.id}
    return body | {part: described[part](video) for part in described if part in parts}


def _describe_snippet(video: Video) -> Answer:
    snippet: Answer = {
        "publishedAt": video.published_at,
        "channelId": video.channel_id,
        "title": video.title,
        "description": video.description,
        "thumbnails": _thumbnails(video.id),
        "channelTitle": video.channel_title,
        "categoryId": video.category,
        "liveBroadcastContent": video.live,
        "localized": {"title": video.title, "description": video.description},
    }
    if video.tags:
        snippet["tags"] = list(video.tags)
    if video.language:
        snippet["defaultAudioLanguage"] = video.language
    return snippet


def _describe_content(video: Video) -> Answer:
    content: Answer = {
        "duration": "P0D" if video.live != "none" else video.duration,
        "dimension": "2d",
        "definition": "hd",
        "caption": "false",
        "licensedContent": True,
        "contentRating": {"ytRating": "ytAgeRestricted"} if video.age_restricted else {},
        "projection": "rectangular",
    }
    lists = {"blocked": video.blocked, "allowed": video.allowed}
    restriction = {name: list(regions) for name, regions in lists.items() if regions is not None}
    return content | ({"regionRestriction": restriction} if restriction else {})


def _describe_status(video: Video) -> Answer:
    return {
        "uploadStatus": video.upload,
        "privacyStatus": video.privacy,
        "license": "youtube",
        "embeddable": video.embeddable,
        "publicStatsViewable": not video.statistics_hidden,
        "madeForKids": video.made_for_kids,
    }


def _describe_playlist_item(
    world: World, playlist: Playlist, position: int, video_id: str, parts: set[str]
) -> Answer:
    video = world.videos.get(video_id)
    is_watchable = world.get_public(video_id) is not None
    title = video.title if is_watchable else "Private video" if video else "Deleted video"
    snippet: Answer = {
        "publishedAt": "2020-01-01T00:00:00Z",
        "channelId": playlist.channel_id,
        "title": title,
        "description": "",
        "thumbnails": _thumbnails(video_id) if is_watchable else {},
        "channelTitle": world.channels[playlist.channel_id].title,
        "playlistId": playlist.id,
        "position": position,
        "resourceId": {"kind": "youtube#video", "videoId": video_id},
    }
    content = {"videoId": video_id}
    if is_watchable:
        snippet["videoOwnerChannelTitle"] = video.channel_title
        snippet["videoOwnerChannelId"] = video.channel_id
        content["videoPublishedAt"] = video.published_at
    privacy = {"privacyStatus": video.privacy if video else "privacyStatusUnspecified"}
    body = {"kind": "youtube#playlistItem", "etag": _etag(playlist.id, position)}
    body["id"] = _etag("item", playlist.id, position)
    described = {"snippet": snippet, "contentDetails": content, "status": privacy}
    return body | {part: described[part] for part in described if part in parts}


def _describe_channel(channel: Channel, parts: set[str]) -> Answer:
    described = {
        "snippet": {
            "title": channel.title,
            "description": "",
            "customUrl": channel.handle,
            "publishedAt": "2010-01-01T00:00:00Z",
            "thumbnails": _thumbnails(channel.id),
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": "UU" + channel.id[2:]}},
        "statistics": {"videoCount": str(len(channel.uploads)), "hiddenSubscriberCount": False},
    }
    body: Answer = {"kind": "youtube#channel", "etag": _etag(channel.id), "id": channel.id}
    return body | {part: described[part] for part in described if part in parts}


def _thumbnails(video_id: str) -> Answer:
    return {
        "default": {
            "url": f"https://i.ytimg.com/vi/{video_id}/default.jpg",
            "width": 120,
            "height": 90,
        }
    }


def _escape(text: str) -> str:
    """As ``search.list`` does it: decimal for the apostrophe."""
    return html.escape(text).replace("&#x27;", "&#39;")


def _etag(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()
