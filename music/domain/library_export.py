"""A listener's songs as files for other services and players."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.models import User
from music.errors import InvalidInput
from music.libraries.writing import FORMATS, Format, WrittenSong
from music.records import ShownSong

from .likes import list_likes
from .playing import show_likes
from .reports import avoid_refused, list_refused

LIKES = "Likes"


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file: its name, its media type, its content, and the songs in it."""

    name: str
    kind: Format
    body: bytes
    songs: tuple[WrittenSong, ...]


def export_likes(*, listener: User, kind: str) -> ExportedFile:
    """Return all likes, newest first, in the format ``kind``.

    Raises ``InvalidInput`` for ``format``.
    """
    likes = list(list_likes(listener=listener))
    shown = show_likes(likes, unwanted=list_refused(listener.pk))
    songs = []
    for like in likes:
        song = shown.get(like.pk)
        songs.append(
            WrittenSong(
                title=song.title if song else like.song_name,
                artist=song.artist if song else "",
                words=like.song_name,
                song_id=like.song.address if like.song else "",
                # The take that the listener meant, else the one that plays here.
                video_id=(like.video.video_id if like.video else song and song.video_id) or "",
                liked_at=like.created_at,
            )
        )
    return write_songs(LIKES, songs, kind=kind)


def export_shown(
    name: str, shown: Sequence[ShownSong], *, listener: User | None, kind: str
) -> ExportedFile:
    """Return songs as lists show them to the listener, in the format ``kind``.

    Raises ``InvalidInput`` for ``format``.
    """
    songs = [
        WrittenSong(
            title=song.title,
            artist=song.artist,
            song_id=song.song_id if song.song_pk is not None else "",
            video_id=song.video_id or "",
        )
        for song in avoid_refused(shown, listener)
    ]
    return write_songs(name, songs, kind=kind)


def write_songs(name: str, songs: Iterable[WrittenSong], *, kind: str) -> ExportedFile:
    """Return ``songs`` in the format ``kind``, as a file called ``name``.

    Raises ``InvalidInput`` for ``format``.
    """
    if kind not in FORMATS:
        raise InvalidInput("format", f"Use one of {', '.join(FORMATS)}, not {kind!r}.")
    written = tuple(songs)
    ending = "txt" if kind == "youtube" else kind
    return ExportedFile(
        f"{name}.{ending}", FORMATS[kind], FORMATS[kind].write(name, written), written
    )
