"""Converts answers of the YouTube Data API v3 to records; any part may be missing.

The API leaves out what it does not want to say (hidden statistics, no tags), sends counts as
strings, and escapes titles as HTML in ``search.list`` only. ``artist`` stays empty and
``song_title`` is the whole title: splitting a title is the catalogue's task.
"""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import isodate

from music.names.addresses import is_video_id
from music.names.normalization import clean_text
from music.records import VideoRecord
from music.youtube.topics import find_topic_genre

Answer = dict[str, Any]

_LIVE = {"live", "upcoming"}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""Characters that JSON may hold and PostgreSQL refuses: NUL, and halves of surrogate pairs."""
_GONE_TITLES = {"Deleted video", "Private video"}
_UNPLAYABLE_UPLOADS = {"deleted", "failed", "rejected"}
_MAX_COUNT = 2**63 - 1
_MAX_SECONDS = 2**31 - 1
"""The largest duration that a column holds."""


def parse_search_answer(answer: Answer) -> list[VideoRecord]:
    """Return the videos of a ``search.list`` answer, in its order, without channels and playlists.

    They have only what a search says: no duration, no statistics, a cut description.
    """
    return [record for item in _items(answer) if (record := parse_search_item(item)) is not None]


def parse_search_item(item: Answer) -> VideoRecord | None:
    """Return one search result, its text unescaped once; None when it is no video with a name."""
    video_id = _text(_part(item, "id").get("videoId"))
    snippet = _part(item, "snippet")
    title = html.unescape(_text(snippet.get("title")))
    if not is_video_id(video_id) or not clean_text(title):
        return None
    return VideoRecord(
        video_id=video_id,
        title=title,
        artist="",
        song_title=title,
        channel_title=html.unescape(_text(snippet.get("channelTitle"))),
        channel_id=_text(snippet.get("channelId")),
        description=html.unescape(_text(snippet.get("description"))),
        published_at=parse_time(snippet.get("publishedAt")),
        is_live=_text(snippet.get("liveBroadcastContent")) in _LIVE,
    )


def parse_videos_answer(answer: Answer) -> list[VideoRecord]:
    """Return the videos of a ``videos.list`` answer, in its order."""
    return [record for item in _items(answer) if (record := parse_video(item)) is not None]


def parse_video(item: Answer) -> VideoRecord | None:
    """Return one video with all requested fields; None when it has no usable id, or no name."""
    video_id = _text(item.get("id"))
    snippet, details, status = (_part(item, p) for p in ("snippet", "contentDetails", "status"))
    restriction = _part(details, "regionRestriction")
    title = _text(snippet.get("title"))
    if not is_video_id(video_id) or not clean_text(title):
        return None
    return VideoRecord(
        video_id=video_id,
        title=title,
        artist="",
        song_title=title,
        channel_title=_text(snippet.get("channelTitle")),
        channel_id=_text(snippet.get("channelId")),
        tags=_texts(snippet.get("tags")),
        description=_text(snippet.get("description")),
        view_count=_count(_part(item, "statistics").get("viewCount")),
        duration_seconds=parse_duration(details.get("duration")),
        genre=find_topic_genre(_texts(_part(item, "topicDetails").get("topicCategories"))),
        language=_text(snippet.get("defaultAudioLanguage"))
        or _text(snippet.get("defaultLanguage")),
        published_at=parse_time(snippet.get("publishedAt")),
        available=_is_available(status),
        embeddable=status.get("embeddable") is not False,
        made_for_kids=status.get("madeForKids") is True,
        age_restricted=_part(details, "contentRating").get("ytRating") == "ytAgeRestricted",
        is_live=_text(snippet.get("liveBroadcastContent")) in _LIVE,
        blocked_regions=_texts(restriction.get("blocked")),
        # An empty list of allowed regions means blocked everywhere: it must not become None.
        allowed_regions=_texts(restriction["allowed"]) if "allowed" in restriction else None,
    )


def parse_channels(answer: Answer) -> list[tuple[str, str]]:
    """Return ids and titles of the channels in a ``channels.list`` answer that have both."""
    named = ((_text(i.get("id")), _text(_part(i, "snippet").get("title"))) for i in _items(answer))
    return [(channel_id, title) for channel_id, title in named if channel_id and title]


def parse_playlist_items(answer: Answer) -> list[VideoRecord]:
    """Return the videos of a ``playlistItems.list`` answer that still exist, in its order.

    A deleted or private entry keeps its place in a playlist but has lost its title and its owner:
    it is left out. Of the others only the title, the channel and the date are known.
    """
    return [record for item in _items(answer) if (record := parse_playlist_item(item)) is not None]


def parse_playlist_item(item: Answer) -> VideoRecord | None:
    """Return one entry of a playlist; None when its video is gone, private or was never a video."""
    snippet, details = _part(item, "snippet"), _part(item, "contentDetails")
    video_id = _text(details.get("videoId")) or _text(_part(snippet, "resourceId").get("videoId"))
    title = _text(snippet.get("title"))
    owner_id = _text(snippet.get("videoOwnerChannelId"))
    is_private = _text(_part(item, "status").get("privacyStatus")) == "private"
    is_gone = is_private or not clean_text(title) or (title in _GONE_TITLES and not owner_id)
    if not is_video_id(video_id) or is_gone:
        return None
    return VideoRecord(
        video_id=video_id,
        title=title,
        artist="",
        song_title=title,
        channel_title=_text(snippet.get("videoOwnerChannelTitle")),
        channel_id=owner_id,
        published_at=parse_time(details.get("videoPublishedAt")),
    )


def parse_total(answer: Answer) -> int:
    """Return how many items a list says it has in all; 0 when it does not say."""
    return _count(_part(answer, "pageInfo").get("totalResults")) or 0


def parse_duration(value: object) -> int | None:
    """Return whole seconds of an ISO 8601 duration, or None.

    None when missing, broken, negative, longer than 68 years or zero (live videos).
    """
    try:
        seconds = isodate.parse_duration(value).total_seconds()
    except (isodate.ISO8601Error, TypeError, AttributeError, ValueError, OverflowError):
        # AttributeError: a duration with years or months has no length in seconds.
        return None
    return int(seconds) if 1 <= seconds <= _MAX_SECONDS else None


def parse_time(value: object) -> datetime | None:
    """Return an aware time in UTC; None when missing or broken."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_available(status: Answer) -> bool:
    if _text(status.get("privacyStatus")) == "private":
        return False
    return _text(status.get("uploadStatus")) not in _UNPLAYABLE_UPLOADS


def _items(answer: Answer) -> Iterator[Answer]:
    items = answer.get("items")
    return (
        (item for item in items if isinstance(item, dict)) if isinstance(items, list) else iter(())
    )


def _part(item: Answer, name: str) -> Answer:
    part = item.get(name)
    return part if isinstance(part, dict) else {}


def _text(value: object) -> str:
    return _UNSTORABLE.sub("", value) if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(v) for v in value if isinstance(v, str)) if isinstance(value, list) else ()


def _count(value: object) -> int | None:
    """Return a count, which the API sends as a string of digits, or not at all when hidden.

    Invalid and impossibly large counts give None.
    """
    if not isinstance(value, str | int | float):
        return None
    try:
        count = max(int(value), 0)
    except (ValueError, OverflowError):
        return None
    return count if count <= _MAX_COUNT else None
