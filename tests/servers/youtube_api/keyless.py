"""YouTube's answers without a key: oEmbed for one video, and the feed of a channel."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.servers.youtube_world.world import World

Answer = tuple[int, bytes | dict]
STATUSES = {"unauthorized": 401, "notFound": 404, "serverError": 503, "badRequest": 400}
"""Faults that are an answer with a status and a plain text, as YouTube's are."""


def answer_oembed(world: World, given: Mapping[str, list[str]]) -> Answer:
    """Return title, channel and thumbnail of the video at ``url``, or the refusal.

    401 where its owner allows no embedding, 403 for a private one, 404 for a missing one, 400 for
    an invalid address.
    """
    [address] = given.get("url", [""])
    parts = urlsplit(address)
    video_id = parse_qs(parts.query).get("v", [""])[0]
    if parts.netloc != "www.youtube.com" or not video_id:
        return 400, b"Bad Request"
    video = world.videos.get(video_id)
    if video is None:
        return 404, b"Not Found"
    if video.privacy == "private":
        return 403, b"Forbidden"
    if not video.embeddable:
        return 401, b"Unauthorized"
    return 200, {
        "title": video.title,
        "author_name": video.channel_title,
        "author_url": f"https://www.youtube.com/channel/{video.channel_id}",
        "type": "video",
        "height": 113,
        "width": 200,
        "version": "1.0",
        "provider_name": "YouTube",
        "provider_url": "https://www.youtube.com/",
        "thumbnail_height": 360,
        "thumbnail_width": 480,
        "thumbnail_url": f"https://i.ytimg.com/vi/{video.id}/hqdefault.jpg",
        "html": f'<iframe src="https://www.youtube.com/embed/{video.id}"></iframe>',
    }


def answer_feed(world: World, given: Mapping[str, list[str]]) -> tuple[int, bytes]:
    """Return the 15 newest uploads of the channel ``channel_id`` in Atom, or 404."""
    channel = world.channels.get(given.get("channel_id", [""])[0])
    if channel is None:
        return 404, b"Not Found"
    entries = "".join(_describe(world, video_id) for video_id in channel.uploads[:15])
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns:yt="http://www.youtube.com/xml/schemas/'
        '2015" xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">'
    )
    return 200, f"{head}<title>{escape(channel.title)}</title>{entries}</feed>".encode()


def _describe(world: World, video_id: str) -> str:
    video = world.videos[video_id]
    published = video.published_at.replace("Z", "+00:00")
    return (
        f"<entry><id>yt:video:{video.id}</id><yt:videoId>{video.id}</yt:videoId>"
        f"<yt:channelId>{video.channel_id}</yt:channelId><title>{escape(video.title)}</title>"
        f"<author><name>{escape(video.channel_title)}</name></author>"
        f"<published>{published}</published><updated>{published}</updated></entry>"
    )
