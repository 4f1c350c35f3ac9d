"""Writes songs as files for other programs, spreadsheets and TuneTrace itself."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote_plus
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from .documents import OWN_FORMAT
from .formulas import defuse

VIDEOS_IN_A_LINK = 50
"""The most videos of which YouTube makes a list from an address."""
_TIME_KEY = "https://musicbrainz.org/doc/jspf#track"
_XSPF = "http://xspf.org/ns/0/"
COLUMNS = ("tunetrace_song", "title", "artist", "song_name", "video_id", "url", "liked_at")
ROW_COLUMNS = ("row", "written", "became", "song", "video_id", "why")


@dataclass(frozen=True, slots=True)
class WrittenSong:
    """A song to write: ``words`` are the listener's own, ``song_id`` its address here.

    ``title`` is never empty; for a song that was not found it is the words.
    """

    title: str
    artist: str = ""
    words: str = ""
    song_id: str = ""
    video_id: str = ""
    liked_at: datetime | None = None

    @property
    def name(self) -> str:
        """The song as people write it, on one line."""
        return " ".join((f"{self.artist} - {self.title}" if self.artist else self.title).split())

    @property
    def url(self) -> str:
        """The address to watch it, or to search for it."""
        if self.video_id:
            return f"https://www.youtube.com/watch?v={self.video_id}"
        return f"https://www.youtube.com/results?search_query={quote_plus(self.name)}"

    @property
    def time(self) -> str:
        """When it was liked, in ISO 8601; empty where that is not known."""
        return self.liked_at.isoformat().replace("+00:00", "Z") if self.liked_at else ""


@dataclass(frozen=True, slots=True)
class Format:
    """One file format: its media type, its file name extension, and the function that writes it."""

    name: str
    title: str
    content_type: str
    write: Callable[[str, Sequence[WrittenSong]], bytes]


def write_csv(_name: str, songs: Sequence[WrittenSong]) -> bytes:
    """Return a table with headings in the first row; formulas of spreadsheets are escaped."""
    rows = (
        (song.song_id, song.title, song.artist, song.words, song.video_id, song.url, song.time)
        for song in songs
    )
    return _write_table(COLUMNS, rows)


def write_rows(rows: Iterable[Sequence[object]]) -> bytes:
    """Return the results of an import's rows as a table with the columns ``ROW_COLUMNS``."""
    return _write_table(ROW_COLUMNS, rows)


def _write_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows([defuse(str(cell)) for cell in row] for row in rows)
    return text.getvalue().encode()


def write_json(name: str, songs: Sequence[WrittenSong]) -> bytes:
    """Return all data as JSON, for programs and for TuneTrace."""
    told = [
        {
            "song_id": song.song_id or None,
            "title": song.title,
            "artist": song.artist,
            "song_name": song.words or song.name,
            "video_id": song.video_id or None,
            "url": song.url,
            "liked_at": song.time or None,
        }
        for song in songs
    ]
    return _to_json({OWN_FORMAT: 1, "name": name, "songs": told})


def write_jspf(name: str, songs: Sequence[WrittenSong]) -> bytes:
    """Return XSPF in JSON, as ListenBrainz reads it (https://www.xspf.org/jspf)."""
    tracks = []
    for song in songs:
        track: dict[str, object] = {"title": song.title, "creator": song.artist}
        if song.video_id:
            track["location"] = [song.url]
        if song.liked_at:
            track["extension"] = {_TIME_KEY: {"added_at": song.time}}
        tracks.append(track)
    return _to_json({"playlist": {"title": name, "creator": "TuneTrace", "track": tracks}})


def _to_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def write_xspf(name: str, songs: Sequence[WrittenSong]) -> bytes:
    """Return the playlist format of VLC and others (https://www.xspf.org/spec)."""
    root = Element("playlist", {"version": "1", "xmlns": _XSPF})
    SubElement(root, "title").text = name
    tracks = SubElement(root, "trackList")
    for song in songs:
        track = SubElement(tracks, "track")
        if song.video_id:
            SubElement(track, "location").text = song.url
        SubElement(track, "title").text = song.title
        if song.artist:
            SubElement(track, "creator").text = song.artist
        if song.liked_at:
            SubElement(track, "meta", {"rel": f"{_TIME_KEY}/added_at"}).text = song.time
    indent(root)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def write_m3u8(name: str, songs: Sequence[WrittenSong]) -> bytes:
    """Return the playlist of most players; a song without a video has a search's address."""
    lines = ["#EXTM3U", f"#PLAYLIST:{' '.join(name.split())}"]
    for song in songs:
        lines += [f"#EXTINF:-1,{song.name}", song.url]
    return ("\n".join(lines) + "\n").encode()


def write_txt(_name: str, songs: Sequence[WrittenSong]) -> bytes:
    """Return one song per line, as people write it."""
    return "".join(f"{song.name}\n" for song in songs).encode()


def write_youtube(_name: str, songs: Sequence[WrittenSong]) -> bytes:
    """Return the address of a YouTube list of the first 50 songs with a video; or nothing."""
    return link_to_videos(songs).encode()


def link_to_videos(songs: Sequence[WrittenSong]) -> str:
    """Return an address at which YouTube plays up to 50 of ``songs``; empty if none has a video."""
    ids = list(dict.fromkeys(song.video_id for song in songs if song.video_id))
    if not ids:
        return ""
    return f"https://www.youtube.com/watch_videos?video_ids={','.join(ids[:VIDEOS_IN_A_LINK])}"


FORMATS = {
    kind.name: kind
    for kind in (
        Format("csv", "Table (CSV)", "text/csv", write_csv),
        Format("json", "JSON", "application/json", write_json),
        Format("m3u8", "Playlist for most players (M3U8)", "audio/x-mpegurl", write_m3u8),
        Format("xspf", "Playlist for VLC (XSPF)", "application/xspf+xml", write_xspf),
        Format("jspf", "Playlist for ListenBrainz (JSPF)", "application/jspf+json", write_jspf),
        Format("txt", "Plain text", "text/plain", write_txt),
        Format("youtube", "List on YouTube", "text/plain", write_youtube),
    )
}
