"""Validation of song names, shared by all interfaces."""

import html
import re
from collections.abc import Sequence

from music.errors import InvalidInput
from music.models.liked_song import SONG_NAME_MAX_LENGTH
from music.names.addresses import LinkKind, find_link
from music.names.normalization import clean_text, normalize_key

MAX_SONGS = 50
_ESCAPED = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
"""An HTML character reference, as in titles copied from YouTube's search."""
_NO_SONG = {
    LinkKind.PLAYLIST: "This is a YouTube playlist: import it as a playlist.",
    LinkKind.CHANNEL: "This is a YouTube channel: link to one of its videos, or name a song.",
    LinkKind.YOUTUBE: "This YouTube address does not lead to a video.",
    LinkKind.SPOTIFY: "Spotify links cannot be read: write the song’s title and artist.",
    LinkKind.OTHER: "Only links to YouTube can be read: write the song’s title and artist.",
}
"""The hint for a link that names no song."""


def clean_song_name(text: str, *, field: str = "song_name") -> str:
    """Return the listener's words without invisible characters and HTML escapes.

    Raises ``InvalidInput`` for ``field`` when nothing searchable is left, or too much.
    """
    name = clean_text(_ESCAPED.sub(lambda found: html.unescape(found[0]), text))
    if not name:
        raise InvalidInput(field, "Name a song: this is empty.")
    if len(name) > SONG_NAME_MAX_LENGTH:
        raise InvalidInput(
            field, f"A song name has at most {SONG_NAME_MAX_LENGTH} characters, not {len(name)}."
        )
    if not normalize_key(name):
        raise InvalidInput(field, "Name a song: this has no letter or digit.")
    return name


def refuse_other_links(text: str, *, field: str = "song_name") -> None:
    """Raise ``InvalidInput`` for ``field`` where ``text`` is only a link, and not to a video."""
    link = find_link(text)
    if link and link.kind in _NO_SONG and not link.rest:
        raise InvalidInput(field, _NO_SONG[link.kind])


def clean_song_names(texts: Sequence[str], *, field: str = "songs") -> list[str]:
    """Return 1 to 50 song names in order, each once in its first spelling."""
    if not texts:
        raise InvalidInput(field, "Name at least one song.")
    if len(texts) > MAX_SONGS:
        raise InvalidInput(field, f"At most {MAX_SONGS} songs at a time, not {len(texts)}.")
    names: dict[str, str] = {}
    for text in texts:
        name = clean_song_name(text, field=field)
        names.setdefault(normalize_key(name), name)
    return list(names.values())
