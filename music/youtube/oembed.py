"""Title and channel of one video from YouTube's oEmbed address, without a key or quota.

https://oembed.com/providers.json names it; YouTube answers 200 for a video that plays on other
sites, 401 where its owner allows that nowhere, 403 for a private one, 404 for one that does not
exist. It serves links that people paste: in limited numbers, never to walk through a catalogue.
"""

import html
import json
import logging
import re
import threading
import time
from collections import deque
from functools import cache
from urllib.parse import urlencode

from django.conf import settings

from music.errors import SourceUnavailable
from music.records import VideoRecord
from tunetrace_site.machine.breaker import Breaker

from .transport import NoAnswer, Transport

OEMBED = "oembed"
"""The source of a video that only the oEmbed address has described."""
MAX_PER_MINUTE = 30
"""The most requests of a process in a minute."""
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 60.0
WINDOW_SECONDS = 60.0
NOT_SHOWN = frozenset({400, 401, 403, 404})
"""The statuses for a video that does not play here."""
MAX_TEXT = 500

logger = logging.getLogger(__name__)
_CHANNEL = re.compile(r"/channel/(UC[A-Za-z0-9_-]{22})")


def is_on() -> bool:
    """Return whether pasted links may be looked up without a key."""
    return settings.YOUTUBE_OEMBED and not settings.YOUTUBE_API_KEY


def fetch_video(video_id: str) -> VideoRecord | None:
    """Return title and channel of a video; None where it does not play here.

    Raises ``SourceUnavailable`` where no valid answer came in time, for a minute after three such
    failures in a row, and beyond the limit of requests a minute.
    """
    client = get_client()
    if not client.reserve():
        raise SourceUnavailable("Too many links were asked for in this minute.")
    if not client.breaker.allow():
        raise SourceUnavailable("YouTube does not answer at present.")
    try:
        status, body = client.transport.ping(_address(video_id))
        record = None if status in NOT_SHOWN else _read(video_id, status, body)
    except (NoAnswer, ValueError) as error:
        client.breaker.record_failure()
        logger.warning("oEmbed did not tell of a linked video: %s", error)
        raise SourceUnavailable("YouTube did not answer.") from error
    client.breaker.record_success()
    return record


class Client:
    """The state of one oEmbed address in this process: connections, breaker, recent requests."""

    def __init__(self, endpoint: str, seconds: float) -> None:
        self.transport = Transport(
            api_key="", base_url=endpoint, connect_timeout_seconds=seconds, timeout_seconds=seconds
        )
        self.breaker = Breaker("youtube-oembed", FAILURES_TO_OPEN, OPEN_SECONDS)
        self._asked_at: deque[float] = deque(maxlen=MAX_PER_MINUTE)
        self._lock = threading.Lock()

    def reserve(self) -> bool:
        """Count one more request; return whether it is within the limit of this minute."""
        now = time.monotonic()
        with self._lock:
            is_full = len(self._asked_at) == MAX_PER_MINUTE
            if is_full and now - self._asked_at[0] < WINDOW_SECONDS:
                return False
            self._asked_at.append(now)
        return True


def get_client() -> Client:
    """Return the one client of this process for the configured address."""
    return _make_client(settings.YOUTUBE_OEMBED_ENDPOINT, settings.YOUTUBE_OEMBED_TIMEOUT_SECONDS)


def forget_client() -> None:
    """Drop the counts of this minute, and recorded failures."""
    _make_client.cache_clear()


@cache
def _make_client(endpoint: str, seconds: float) -> Client:
    return Client(endpoint, seconds)


def _address(video_id: str) -> str:
    watched = f"https://www.youtube.com/watch?{urlencode({'v': video_id})}"
    query = urlencode({"url": watched, "format": "json"})
    return f"{settings.YOUTUBE_OEMBED_ENDPOINT.rstrip('/')}/oembed?{query}"


def _read(video_id: str, status: int, body: bytes) -> VideoRecord:
    """Return the record of an answer; raise ``ValueError`` for an invalid one."""
    if status != 200:
        raise ValueError(f"status {status}")
    answer = json.loads(body)
    if not isinstance(answer, dict) or not _text(answer, "title"):
        raise ValueError("the answer has no title")
    channel = _CHANNEL.search(_text(answer, "author_url"))
    return VideoRecord(
        video_id=video_id,
        title=_text(answer, "title"),
        artist="",
        song_title="",
        channel_title=_text(answer, "author_name"),
        channel_id=channel[1] if channel else "",
        source=OEMBED,
    )


def _text(answer: dict[str, object], name: str) -> str:
    """Return a field as plain text: unescaped once, without characters that no database stores."""
    value = answer.get(name)
    if not isinstance(value, str):
        return ""
    plain = html.unescape(value).encode("utf-8", "ignore").decode()
    return "".join(c for c in plain if c.isprintable())[:MAX_TEXT].strip()
