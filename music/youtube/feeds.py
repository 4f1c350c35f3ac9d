"""The latest uploads of a channel from its feed, which needs no key and costs no quota.

https://www.youtube.com/feeds/videos.xml?channel_id=UC… names the 15 newest, in Atom. It says
neither how long a video is nor whether it plays on other sites.
"""

from datetime import datetime
from functools import cache
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, ParseError  # nosec B405: for their names

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.conf import settings

from music.errors import SourceNotFound, SourceUnavailable
from music.names.addresses import is_video_id
from music.records import VideoRecord
from tunetrace_site.machine.breaker import Breaker

from .transport import NoAnswer, Transport

FEED_LENGTH = 15
MAX_BYTES = 512 * 1024
"""The largest feed that is read; one of 15 videos has 30 KB."""
MAX_TEXT = 500
FAILURES_TO_OPEN = 3
OPEN_SECONDS = 60.0
_ATOM = "{http://www.w3.org/2005/Atom}"
_YOUTUBE = "{http://www.youtube.com/xml/schemas/2015}"


def fetch_feed(channel_id: str) -> list[VideoRecord]:
    """Return the newest uploads of a channel, 15 at most: ids, titles and times.

    Raises ``SourceNotFound`` where there is no such channel, ``SourceUnavailable`` where no valid
    answer came in time, and, after three such failures in a row, for a minute.
    """
    transport, breaker = _get_client(
        settings.YOUTUBE_OEMBED_ENDPOINT, settings.YOUTUBE_OEMBED_TIMEOUT_SECONDS
    )
    if not breaker.allow():
        raise SourceUnavailable("YouTube does not answer at present.")
    query = urlencode({"channel_id": channel_id})
    address = f"{settings.YOUTUBE_OEMBED_ENDPOINT.rstrip('/')}/feeds/videos.xml?{query}"
    try:
        status, body = transport.ping(address)
        records = [] if status == 404 else _read(channel_id, status, body)
    except (NoAnswer, ValueError, ParseError, DefusedXmlException) as error:
        breaker.record_failure()
        raise SourceUnavailable("YouTube's feed did not answer.") from error
    breaker.record_success()
    if status == 404:
        raise SourceNotFound("There is no such channel.")
    return records


@cache
def _get_client(endpoint: str, seconds: float) -> tuple[Transport, Breaker]:
    transport = Transport(
        api_key="", base_url=endpoint, connect_timeout_seconds=seconds, timeout_seconds=seconds
    )
    return transport, Breaker("youtube-feeds", FAILURES_TO_OPEN, OPEN_SECONDS)


def forget_client() -> None:
    """Drop connections and recorded failures."""
    _get_client.cache_clear()


def _read(channel_id: str, status: int, body: bytes) -> list[VideoRecord]:
    """Return the records of a feed; raise ``ValueError`` or ``ParseError`` for anything else.

    The parser refuses entities: a short text could expand to gigabytes.
    """
    if status != 200 or len(body) > MAX_BYTES:
        raise ValueError(f"status {status}, {len(body)} bytes")
    feed = fromstring(body, forbid_dtd=True)
    if feed.tag != f"{_ATOM}feed":
        raise ValueError("no feed")
    entries = [_read_entry(channel_id, entry) for entry in feed.iter(f"{_ATOM}entry")]
    return [record for record in entries if record is not None][:FEED_LENGTH]


def _read_entry(channel_id: str, entry: Element) -> VideoRecord | None:
    video_id = _text(entry, f"{_YOUTUBE}videoId")
    if not is_video_id(video_id):
        return None
    published = datetime.fromisoformat(_text(entry, f"{_ATOM}published"))
    if published.tzinfo is None:
        raise ValueError("a time without a zone")
    return VideoRecord(
        video_id=video_id,
        title=_text(entry, f"{_ATOM}title"),
        artist="",
        song_title="",
        channel_title=_text(entry, f"{_ATOM}author/{_ATOM}name"),
        channel_id=channel_id,
        published_at=published,
    )


def _text(entry: Element, path: str) -> str:
    text = entry.findtext(path) or ""
    return "".join(c for c in text if c.isprintable())[:MAX_TEXT].strip()
