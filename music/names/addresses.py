"""Ids and addresses of YouTube: what people paste, what the API wants, how one gives the other."""

import re
from urllib.parse import SplitResult, parse_qs, urlsplit

VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}")
# PL: made by people, UU: uploads, OLAK5uy_: albums, RDCLAK5uy_: editorial, FL, LL: favourites.
PLAYLIST_ID = re.compile(r"(?:PL|UU|OLAK5uy_|RDCLAK5uy_|FL|LL)[A-Za-z0-9_-]{10,60}")
_VIDEO_FOLDERS = {"shorts", "embed", "live", "v"}
_HOSTS = {"youtube.com", "youtu.be", "youtube-nocookie.com"}


def is_video_id(text: str) -> bool:
    """Whether ``text`` has the form of a video id: 11 characters of URL-safe base 64."""
    return VIDEO_ID.fullmatch(text) is not None


def find_playlist_id(text: str) -> str | None:
    """The playlist id in ``text``: an id, or any address of YouTube that names a playlist."""
    text = text.strip()
    if PLAYLIST_ID.fullmatch(text):
        return text
    parts = _split_youtube_address(text)
    if parts is None:
        return None
    named = parse_qs(parts.query).get("list", [""])[0]
    return named if PLAYLIST_ID.fullmatch(named) else None


def find_video_id(text: str) -> str | None:
    """The video id in an address of YouTube that names a video; None in any other text.

    An id alone does not count: "Beautifully" is a word as well.
    """
    parts = _split_youtube_address(text.strip())
    if parts is None:
        return None
    folder, _, named = parts.path.strip("/").rpartition("/")
    if named == "watch" and not folder:
        named = parse_qs(parts.query).get("v", [""])[0]
    elif folder not in _VIDEO_FOLDERS and (folder or not _is_short_address(parts)):
        return None
    return named if is_video_id(named) else None


def to_uploads_playlist(channel_id: str) -> str | None:
    """The playlist of all that a channel uploaded: UC... becomes UU...; None for no channel id.

    Every channel has it and its id differs from the channel's in the second letter only, which
    saves the unit that ``channels.list`` would cost to learn the same.
    """
    return "UU" + channel_id[2:] if CHANNEL_ID.fullmatch(channel_id) else None


def _is_short_address(parts: SplitResult) -> bool:
    return (parts.hostname or "").removeprefix("www.") == "youtu.be"


def _split_youtube_address(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:  # "https://[" is no address at all
        return None
    host = host.removeprefix("m.").removeprefix("music.")
    return parts if host in _HOSTS else None
