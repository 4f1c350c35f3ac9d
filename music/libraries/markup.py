"""XML: XSPF playlists, and the library of iTunes and Music. Entities are refused."""

import plistlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from xml.parsers.expat import ExpatError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from music.errors import InvalidInput

from .records import PODCAST, Library, LibrarySong, find_video, make_library, read_time

_LIKED_RATING = 80
_NOT_SONGS = ("Podcast", "Movie", "TV Show", "Audiobook", "Has Video", "Music Video")
_ADDED_AT = "added_at"


def read_markup(data: bytes, text: str) -> Library | None:
    """Return the songs of an XML file; None for others. Raises ``InvalidInput`` for ``file``."""
    beginning = text.lstrip()[:500].casefold()
    if not beginning.startswith("<"):
        return None
    if "<html" in beginning or "<!doctype html" in beginning:
        raise InvalidInput(
            "file",
            "This is a web page.",
            hint="Google writes the history as HTML by default: choose JSON when you export it.",
        )
    if "<plist" in text[:2000].casefold():
        return _read_itunes(data)
    try:
        root = fromstring(text.encode(), forbid_dtd=True)
    except DefusedXmlException:
        raise InvalidInput("file", "XML with a document type or entities cannot be read.") from None
    except (ParseError, RecursionError, ValueError) as error:
        raise InvalidInput("file", f"This XML cannot be read: {error}.") from None
    if _name(root) != "playlist":
        raise InvalidInput("file", "This XML is neither a playlist (XSPF) nor an iTunes library.")
    return _read_xspf(root)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _find(element: Element, name: str) -> Iterator[Element]:
    return (child for child in element.iter() if _name(child) == name)


def _text(element: Element, name: str) -> str:
    found = ((child.text or "").strip() for child in element if _name(child) == name)
    return next(filter(None, found), "")


def _read_xspf(root: Element) -> Library:
    songs = [_to_song(track) for track in _find(root, "track")]
    return make_library("XSPF", songs, label=_text(root, "title"))


def _to_song(track: Element) -> LibrarySong:
    places = [c.text or "" for c in track if _name(c) in {"location", "identifier", "info"}]
    times = [
        (child.text or "").strip()
        for child in track
        if _name(child) == "meta" and (child.get("rel") or "").endswith(_ADDED_AT)
    ]
    return LibrarySong(
        _text(track, "title"),
        _text(track, "creator"),
        find_video(*places),
        read_time(times[0]) if times else None,
    )


def _read_itunes(data: bytes) -> Library:
    """Return loved and highly rated songs where there are any, else all of them."""
    try:
        library = plistlib.loads(data, fmt=plistlib.FMT_XML)
    except (
        plistlib.InvalidFileException,
        ExpatError,
        ValueError,
        TypeError,
        OverflowError,
    ) as error:
        raise InvalidInput("file", f"This iTunes library cannot be read: {error}.") from None
    except (IndexError, AttributeError, KeyError, RecursionError):
        raise InvalidInput("file", "This iTunes library is damaged.") from None
    found = library.get("Tracks") if isinstance(library, dict) else None
    tracks = [t for t in found.values() if isinstance(t, dict)] if isinstance(found, dict) else []
    loved = [track for track in tracks if _is_loved(track)]
    return make_library("iTunes", [_to_itunes_song(track) for track in loved or tracks])


def _is_loved(track: dict[str, Any]) -> bool:
    rating = track.get("Rating")
    # A rating that was computed from the album's is not the listener's.
    is_theirs = isinstance(rating, int) and not track.get("Rating Computed")
    is_high = is_theirs and int(rating or 0) >= _LIKED_RATING
    return bool(track.get("Loved") or track.get("Favorited")) or is_high


def _to_itunes_song(track: dict[str, Any]) -> LibrarySong:
    title, artist = (str(track.get(name) or "") for name in ("Name", "Artist"))
    at = track.get("Date Added")
    liked_at = read_time(at.isoformat()) if isinstance(at, datetime) else None
    why = PODCAST if any(track.get(kind) for kind in _NOT_SONGS[:4]) else ""
    return LibrarySong(title, artist, liked_at=liked_at, left_out=why)
