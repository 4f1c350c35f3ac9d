"""Ids and addresses of YouTube: read from pasted text, and converted into each other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qs, urlsplit

from .normalization import normalize_key

VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
CHANNEL_ID = re.compile(r"UC[A-Za-z0-9_-]{22}")
# PL: made by people, UU: uploads, OLAK5uy_: albums, RDCLAK5uy_: editorial; FL, LL: favourites.
PLAYLIST_ID = re.compile(r"(?:PL|UU|OLAK5uy_|RDCLAK5uy_|FL|LL)[A-Za-z0-9_-]{10,60}")
_MIX = re.compile(r"(?:VL)?RD(?!CLAK5uy_)[A-Za-z0-9_-]*")
_OWN = re.compile(r"(?:VL)?(?:LM|LL|WL|HL)")
_VIDEO_FOLDERS = {"shorts", "embed", "live", "v", "e", "watch"}
_CHANNELS = ("/@", "/channel/", "/c/", "/user/")
_SHOWN = "VL"
"""The prefix of the id of a playlist's page: VLPL... is the page of PL..."""
_HOSTS = {"youtube.com", "youtu.be", "youtube-nocookie.com"}
_OTHER_HOSTS = (
    r"open\.spotify\.com|spotify\.link|music\.apple\.com|itunes\.apple\.com|soundcloud\.com|"
    r"deezer\.com|tidal\.com|\w+\.bandcamp\.com|music\.amazon\.\w+|shazam\.com|genius\.com|"
    r"discogs\.com|last\.fm"
)
_YOUTUBE = r"(?:(?:www|m|music)\.)?(?:youtube(?:-nocookie)?\.com|youtu\.be)"
_ADDRESS = re.compile(
    r"(?:https?:)?//[^\s<>\"“”'\[\]|]+|spotify:\w+:\w+|"
    rf"(?<![\w@./-])(?:{_YOUTUBE}|(?:www\.)?(?:{_OTHER_HOSTS}))/[^\s<>\"“”'\[\]|]*",
    re.IGNORECASE,
)
_HAS_HOST = re.compile(r"(?:https?:)?//(?:\w[\w-]*\.)+\w|[^/]", re.IGNORECASE)
_AROUND = ".,;:!?)]}>*_…'\""
_ID_AT_END = re.compile(rf"[/=][A-Za-z0-9_-]{{11}}(?=[{re.escape(_AROUND)}]*$)")
_LONGEST = 2000


def is_video_id(text: str) -> bool:
    """Return whether ``text`` has the form of a video id: 11 characters of URL-safe base 64."""
    return VIDEO_ID.fullmatch(text) is not None


class LinkKind(StrEnum):
    """The kind of page that an address leads to."""

    VIDEO = "video"
    PLAYLIST = "playlist"
    CHANNEL = "channel"
    YOUTUBE = "youtube"
    SPOTIFY = "spotify"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a text: its kind, the id of the video or playlist, and the remaining words.

    ``rest`` is empty where the text is nothing but addresses.
    """

    kind: LinkKind
    id: str = ""
    rest: str = ""


def find_link(text: str) -> Link | None:
    """Return the link in ``text``, or None; of several the first that leads to a video.

    Surrounding punctuation is ignored: ``(https://youtu.be/...)``,
    ``[title](//www.youtube.com/...)``.
    """
    text = text[:_LONGEST]
    links = [_read_address(address) for address in _list_addresses(text)]
    if not links:
        return None
    kind, found = min(links, key=lambda link: link[0] is not LinkKind.VIDEO)
    rest = " ".join(_ADDRESS.sub(" ", text).split())
    return Link(kind, found, rest if normalize_key(rest) else "")


def find_playlist_id(text: str) -> str | None:
    """Return the playlist id in ``text``: an id, or any address of YouTube that names a playlist.

    The address of a channel with its id gives the playlist of all its uploads.
    """
    text = text.strip().removeprefix(_SHOWN)
    if PLAYLIST_ID.fullmatch(text):
        return text
    addresses = [_split_youtube_address(address) for address in _list_addresses(text[:_LONGEST])]
    named = (_read_playlist(parts) or _read_uploads(parts) for parts in addresses if parts)
    return next(filter(None, named), None)


class Unreadable(StrEnum):
    """A kind of YouTube list that YouTube's API does not give to anybody."""

    MIX = "mix"
    OWN = "own"
    CHANNEL = "channel"


def find_unreadable(text: str) -> Unreadable | None:
    """Return the kind of unreadable list that ``text`` names; None where it names no such list."""
    text = text.strip()
    addresses = [_split_youtube_address(address) for address in _list_addresses(text[:_LONGEST])]
    lists = [text, *(_name_list(parts) for parts in addresses if parts)]
    if any(_MIX.fullmatch(name) for name in lists):
        return Unreadable.MIX
    if any(_OWN.fullmatch(name) for name in lists):
        return Unreadable.OWN
    is_channel = any(parts and parts.path.startswith(_CHANNELS) for parts in addresses)
    return Unreadable.CHANNEL if is_channel else None


def find_video_id(text: str) -> str | None:
    """Return the video id in an address of YouTube that names a video; None in any other text.

    An id alone does not count: "Beautifully" is a word as well.
    """
    link = find_link(text)
    return link.id if link and link.kind is LinkKind.VIDEO else None


def to_uploads_playlist(channel_id: str) -> str | None:
    """Return the id of the playlist of a channel's uploads (UC... becomes UU...), or None.

    Every channel has it and its id differs from the channel's in the second letter only, which
    saves the unit that ``channels.list`` would cost. None when ``channel_id`` is not a channel id.
    """
    return "UU" + channel_id[2:] if CHANNEL_ID.fullmatch(channel_id) else None


def _list_addresses(text: str) -> Iterator[str]:
    """Return the addresses in ``text``, without surrounding punctuation."""
    for match in _ADDRESS.finditer(text):
        if _HAS_HOST.match(match.group()):
            yield _without_signs(match.group())


def _without_signs(address: str) -> str:
    """Return ``address`` without trailing punctuation, but with an underscore of a video id."""
    named = _ID_AT_END.search(address)
    return address[: named.end()] if named else address.rstrip(_AROUND)


def _read_address(address: str) -> tuple[LinkKind, str]:
    """Return the kind of an address, and the id in it."""
    parts = _split_youtube_address(address)
    if parts is None:
        is_spotify = address.casefold().startswith("spotify:") or "spotify." in address.casefold()
        return (LinkKind.SPOTIFY if is_spotify else LinkKind.OTHER), ""
    if video_id := _read_video(parts):
        return LinkKind.VIDEO, video_id
    if playlist_id := _read_playlist(parts):
        return LinkKind.PLAYLIST, playlist_id
    is_channel = parts.path.startswith(_CHANNELS)
    return (LinkKind.CHANNEL if is_channel else LinkKind.YOUTUBE), ""


def _read_video(parts: SplitResult) -> str | None:
    folder, _, named = parts.path.strip("/").rpartition("/")
    if named == "watch" and not folder:
        named = parse_qs(parts.query).get("v", [""])[0]
        named = named if is_video_id(named) else named.rstrip(_AROUND)
    elif folder not in _VIDEO_FOLDERS and (folder or not _is_short_address(parts)):
        return None
    return named if is_video_id(named) else None


def _read_playlist(parts: SplitResult | None) -> str | None:
    named = _name_list(parts).removeprefix(_SHOWN) if parts else ""
    return named if PLAYLIST_ID.fullmatch(named) else None


def _name_list(parts: SplitResult) -> str:
    """Return the id of a list in an address: after ``list=``, or in the path of its page."""
    _, is_page, named = parts.path.partition("/browse/")
    return named if is_page else parse_qs(parts.query).get("list", [""])[0]


def _read_uploads(parts: SplitResult) -> str | None:
    _, is_channel, named = parts.path.partition("/channel/")
    return to_uploads_playlist(named.partition("/")[0]) if is_channel else None


def _is_short_address(parts: SplitResult) -> bool:
    return (parts.hostname or "").removeprefix("www.") == "youtu.be"


def _split_youtube_address(text: str) -> SplitResult | None:
    """Return the parts of an address of YouTube; None for any other."""
    try:
        parts = urlsplit(f"https:{text}" if text.startswith("//") else _complete(text))
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:  # "https://[" is not a valid address
        return None
    host = host.removeprefix("m.").removeprefix("music.")
    return parts if host in _HOSTS else None


def _complete(text: str) -> str:
    return text if "://" in text else f"https://{text}"
