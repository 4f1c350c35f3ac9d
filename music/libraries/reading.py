"""Reads a file of songs in any supported format, recognised by its content, not by its name."""

import re
import threading

from music.errors import InvalidInput

from .archives import is_archive, list_members
from .decoding import decode
from .documents import read_document
from .lists import LIST, read_lines, read_log, read_m3u
from .markup import read_markup
from .records import Library
from .tables import read_table

MAX_BYTES = 20 * 2**20
MAX_LINES = 250_000
MAX_PARTS = 2_500_000
_LABEL_MAX_LENGTH = 120
_ENDING = re.compile(r"(?:-videos)?\.[a-z0-9]{1,5}$", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# A large file takes a few times its size in memory: one at a time in a process.
_turn = threading.Lock()


def read_library(data: bytes, file_name: str = "") -> Library:
    """Return the songs of a file of at most 20 MB; ``file_name`` only names the list.

    Raises ``InvalidInput`` for ``file``: what is wrong, with the row where one is to blame.
    """
    if not data.strip():
        raise InvalidInput("file", "This file is empty.")
    if len(data) > MAX_BYTES:
        raise InvalidInput("file", "A file can have 20 MB at most: send a part of it.")
    with _turn:
        library = _read_archive(data) if is_archive(data) else read_file(data)
    label = library.label or name_list(file_name)
    return Library(library.source, library.songs, label[:_LABEL_MAX_LENGTH], library.is_history)


def is_file_content(text: str) -> bool:
    """Return whether pasted ``text`` was written by a program, and is not a list of names.

    Playlists of players count as lists: their names are on lines of their own.
    """
    try:
        return read_file(text.encode()).source not in {LIST, "M3U"}
    except InvalidInput:
        return False


def name_list(file_name: str) -> str:
    """Return the name of a list by its file's: ``/x/Road trip-videos.csv`` -> ``Road trip``."""
    last = re.split(r"[/\\]", _CONTROL.sub("", file_name))[-1]
    return _ENDING.sub("", last).strip()


def read_file(data: bytes) -> Library:
    """Return the songs of a file that is no archive. Raises ``InvalidInput`` for ``file``."""
    text = decode(data).lstrip("\ufeff")
    _refuse_too_many(text)
    return (
        read_markup(data, text)
        or read_document(text)
        or read_log(text)
        or read_m3u(text)
        or read_table(text)
        or read_lines(text)
    )


def _refuse_too_many(text: str) -> None:
    """Refuse a text with too many parts before it is parsed, which takes 100 times its length."""
    n_lines = text.count("\n") + text.count("\r")
    if n_lines > MAX_LINES:
        raise InvalidInput("file", f"At most {MAX_LINES:,} lines: this file has {n_lines:,}.")
    n_parts = max(text.count("{") + text.count("["), text.count("<"))
    if n_parts > MAX_PARTS:
        raise InvalidInput("file", "This file is made of too many small parts: send a part of it.")


def _read_archive(data: bytes) -> Library:
    """Return all lists of an archive together; listening history only where nothing was saved."""
    found: list[Library] = []
    for _name, contents in list_members(data):
        try:
            library = read_file(contents)
        except InvalidInput:  # an archive holds much else
            continue
        # Any text is a list of lines: in an archive only known formats count as songs.
        if library.source != LIST and any(not song.left_out for song in library.songs):
            found.append(library)
    kept = [library for library in found if not library.is_history] or found
    if not kept:
        raise InvalidInput("file", "No list of songs was found in this archive.")
    sources = list(dict.fromkeys(library.source for library in kept))
    songs = tuple(song for library in kept for song in library.songs)
    return Library(" and ".join(sources)[:40], songs)
