"""Lists of lines: playlists of players (M3U), logs of players, and what people write."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from music.errors import InvalidInput
from music.names.addresses import is_video_id
from music.names.lines import list_lines, strip_marks

from .records import SKIPPED, Library, LibrarySong, find_video, make_library

_LOG = "#AUDIOSCROBBLER/"
_M3U = "#EXTM3U"
_INFO = re.compile(r"#EXTINF:\s*+-?\d++(?:\.\d++)?[^,]*+,(.*)", re.IGNORECASE)
_NAME = re.compile(r"#PLAYLIST:(.*)", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{0,30}://", re.IGNORECASE)
_AUDIO = re.compile(
    r"\.(?:mp3|m4a|m4p|aac|ogg|oga|opus|flac|wav|wma|aif|aiff|alac|ape|wv|mp4|webm)$", re.IGNORECASE
)
_VIDEOS = re.compile(r"youtube\.com/watch_videos\?video_ids=([\w,-]+)")
LIST = "a list"
"""The source of lists that people write."""
_MOST = 0.5
MAX_LIST_LINES = 50_000


def read_log(text: str) -> Library | None:
    """Return the songs of a player's log (``.scrobbler.log``); None for other text."""
    if not text.startswith(_LOG):
        return None
    lines = (line.split("\t") for line in text.splitlines() if line.strip() and line[0] != "#")
    songs = [
        # artist, album, title, place, length, L (listened) or S (skipped), time, id
        LibrarySong(c[2], c[0], left_out=SKIPPED if len(c) > 5 and c[5].strip() == "S" else "")
        for c in lines
        if len(c) >= 3
    ]
    return make_library("Rockbox", songs, is_history=True)


def read_m3u(text: str) -> Library | None:
    """Return the songs of a playlist of files or addresses; None for other text."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    files = [line for line in lines if line[0] != "#"]
    is_marked = bool(lines) and lines[0].upper().startswith(_M3U)
    if not is_marked and sum(map(_is_file, files)) <= _MOST * len(files):
        return None
    label = next((match[1] for line in lines if (match := _NAME.match(line))), "")
    return make_library("M3U", _list_entries(lines), label=label)


def _is_file(line: str) -> bool:
    return bool(_AUDIO.search(line))


def _list_entries(lines: list[str]) -> Iterator[LibrarySong]:
    info = ""
    for line in lines:
        if match := _INFO.match(line):
            info = match[1].strip()
        elif line[0] != "#":
            video = find_video(line)
            yield LibrarySong(info or ("" if video else _name_file(line)), video_id=video)
            info = ""


def _name_file(path: str) -> str:
    """Return the song that a path names: ``/Music/02 - Björk - Jóga.ogg`` -> ``Björk - Jóga``."""
    if _ADDRESS.match(path):
        path = unquote(path.partition("?")[0])
    last = re.split(r"[/\\]", path.rstrip("/\\"))[-1]
    return strip_marks(_AUDIO.sub("", last).replace("_", " "))


def read_lines(text: str) -> Library:
    """Return the songs of a list as people write it, one per line.

    Raises ``InvalidInput`` for ``file`` where it is longer than people write.
    """
    n_lines = text.count("\n") + 1
    if n_lines > MAX_LIST_LINES:
        raise InvalidInput("file", f"At most {MAX_LIST_LINES:,} lines: this list has {n_lines:,}.")
    songs = [
        song
        for line in list_lines(text)
        if not line.whole.startswith(("# ", "//"))
        for song in _read_line(line.text)
    ]
    return make_library(LIST, songs)


def _read_line(text: str) -> Iterator[LibrarySong]:
    """Return the song of a line; of an address of several YouTube videos all of them."""
    if match := _VIDEOS.search(text):
        ids = [video for video in match[1].split(",") if is_video_id(video)]
        yield from (LibrarySong("", video_id=video) for video in ids)
    else:
        yield LibrarySong(text.replace("\t", " - "), video_id=find_video(text))
