"""What YouTube answers without a key: oEmbed for one video."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from tests.servers.youtube_world.world import World

Answer = tuple[int, bytes | dict]
STATUSES = {"unauthorized": 401, "notFound": 404, "serverError": 503, "badRequest": 400}
"""Faults that are an answer with a status and a plain text, as YouTube's are."""


def answer_oembed(world: World, given: Mapping[str, list[str]]) -> Answer:
    """The title, channel and still of the video that ``url`` leads to, or the refusal: 401 where
    its owner allows no embedding, 403 of a private one, 404 where there is none, 400 of no address.
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
