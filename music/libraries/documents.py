"""JSON, as one document or one per line, from Spotify, Google, ListenBrainz and others."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_plus

from music.errors import InvalidInput

from .artists import name_artist
from .columns import ROLES
from .records import (
    PLAYED_SECONDS,
    PODCAST,
    SKIPPED,
    Library,
    LibrarySong,
    find_video,
    make_library,
    read_time,
)
from .watch_history import read_watched

Json = Any
OWN_FORMAT = "tunetrace"
_LOCAL = "spotify:local:"


def read_document(text: str) -> Library | None:
    """Return the songs of a JSON text; None for other text.

    Raises ``InvalidInput`` for ``file``.
    """
    if text.lstrip()[:1] not in ("{", "["):
        return None
    documents = list(_parse(text))
    for is_written_so, read in _FORMATS:
        if documents and is_written_so(documents[0]):
            return read(documents)
    raise InvalidInput("file", "This JSON has no songs in a form that is known here.")


def _parse(text: str) -> Iterator[Json]:
    """Return the document, or a list of those on its lines."""
    try:
        yield json.loads(text)
        return
    except RecursionError:
        raise InvalidInput("file", "This JSON is nested too deeply.") from None
    except ValueError as error:
        whole = error
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                why = whole if number == 1 else "it is no JSON"
                raise InvalidInput("file", f"Row {number} cannot be read: {why}.") from None


def _text(holder: Json, *names: str) -> str:
    """Return the first of the members ``names`` that is a non-empty text."""
    if not isinstance(holder, dict):
        return ""
    found = (holder.get(name) for name in names)
    return next((value for value in found if isinstance(value, str) and value.strip()), "")


def _list(holder: Json, *path: str) -> list[Json]:
    for name in path:
        holder = holder.get(name) if isinstance(holder, dict) else None
    return holder if isinstance(holder, list) else []


def _has(*names: str) -> Callable[[Json], bool]:
    return lambda value: isinstance(value, dict) and set(names) <= value.keys()


def _begins_with(*names: str) -> Callable[[Json], bool]:
    is_so = _has(*names)
    return lambda value: isinstance(value, list) and bool(value) and is_so(value[0])


# --- TuneTrace itself -----------------------------------------------------------------------------


def _read_own(documents: list[Json]) -> Library:
    document = documents[0]
    songs = [
        LibrarySong(
            _text(entry, "title", "song_name"),
            _text(entry, "artist"),
            _text(entry, "video_id")[:16],
            read_time(_text(entry, "liked_at", "created_at")),
            words=_text(entry, "song_name"),
            song_id=_text(entry, "song_id", "song"),
        )
        for entry in _list(document, "songs") or _list(document, "liked_songs")
    ]
    return make_library("TuneTrace", songs, label=_text(document, "name"))


# --- Spotify --------------------------------------------------------------------------------------


def _read_spotify_library(documents: list[Json]) -> Library:
    tracks = _list(documents[0], "tracks")
    songs = [LibrarySong(_text(t, "track"), name_artist(_text(t, "artist"))) for t in tracks]
    return make_library("Spotify", songs)


def _read_spotify_playlists(documents: list[Json]) -> Library:
    playlists = _list(documents[0], "playlists")
    songs = [_to_spotify_song(item) for p in playlists for item in _list(p, "items")]
    label = _text(playlists[0], "name") if len(playlists) == 1 else ""
    return make_library("Spotify", songs, label=label)


def _to_spotify_song(item: Json) -> LibrarySong:
    track, local = (item.get("track"), item.get("localTrack")) if isinstance(item, dict) else (0, 0)
    added = read_time(_text(item, "addedDate"))
    if isinstance(track, dict):
        artist = name_artist(_text(track, "artistName"))
        return LibrarySong(_text(track, "trackName"), artist, liked_at=added)
    if _text(local, "uri").startswith(_LOCAL):
        # spotify:local:ARTIST:ALBUM:TITLE:SECONDS
        parts = [unquote_plus(part) for part in _text(local, "uri")[len(_LOCAL) :].split(":")]
        title = parts[-2] if len(parts) >= 2 else ""
        return LibrarySong(title, parts[0], liked_at=added)
    episode = item.get("episode") if isinstance(item, dict) else None
    return LibrarySong(_text(episode, "episodeName") or "A podcast", left_out=PODCAST)


def _read_spotify_history(documents: list[Json]) -> Library:
    plays = (_to_short_play(entry) for entry in documents[0] if isinstance(entry, dict))
    return make_library("Spotify", plays, is_history=True)


def _to_short_play(entry: dict[str, Json]) -> LibrarySong:
    why = "" if _is_heard(entry.get("msPlayed")) else SKIPPED
    return LibrarySong(_text(entry, "trackName"), _text(entry, "artistName"), left_out=why)


def _read_spotify_extended(documents: list[Json]) -> Library:
    plays = (_to_play(entry) for entry in documents[0] if isinstance(entry, dict))
    return make_library("Spotify", plays, is_history=True)


def _to_play(entry: dict[str, Json]) -> LibrarySong:
    title = _text(entry, "master_metadata_track_name")
    artist = _text(entry, "master_metadata_album_artist_name")
    if not title:
        name = _text(entry, "episode_name", "audiobook_chapter_title", "audiobook_title")
        return LibrarySong(name or "A podcast", left_out=PODCAST)
    is_heard = _is_heard(entry.get("ms_played")) and entry.get("skipped") is not True
    return LibrarySong(title, artist, left_out="" if is_heard else SKIPPED)


def _is_heard(milliseconds: Json) -> bool:
    is_number = isinstance(milliseconds, int | float)
    return not is_number or milliseconds >= 1000 * PLAYED_SECONDS


# --- Google, ListenBrainz, FreeTube, JSPF ---------------------------------------------------------


def _read_watch_history(documents: list[Json]) -> Library:
    entries = [entry for entry in documents[0] if isinstance(entry, dict)]
    return make_library("YouTube", map(read_watched, entries), is_history=True)


def _read_listens(documents: list[Json]) -> Library:
    is_history = any("listened_at" in d for d in documents if isinstance(d, dict))
    songs = [_to_listen(document) for document in documents if isinstance(document, dict)]
    return make_library("ListenBrainz", songs, is_history=is_history)


def _to_listen(document: dict[str, Json]) -> LibrarySong:
    told = document.get("track_metadata")
    more = told.get("additional_info") if isinstance(told, dict) else None
    video = find_video(_text(more, "origin_url"), _text(more, "youtube_id"))
    is_heard = "listened_at" in document
    at = None if is_heard else read_time(document.get("created"))
    return LibrarySong(_text(told, "track_name"), _text(told, "artist_name"), video, at)


def _read_freetube(documents: list[Json]) -> Library:
    videos = [v for document in documents for v in _list(document, "videos")]
    songs = [
        LibrarySong(
            _text(video, "title"),
            "",
            _text(video, "videoId")[:16],
            read_time(video.get("timeAdded") if isinstance(video, dict) else None),
        )
        for video in videos
    ]
    label = _text(documents[0], "playlistName") if len(documents) == 1 else ""
    return make_library("FreeTube", songs, label=label)


def _read_jspf(documents: list[Json]) -> Library:
    playlist = documents[0]["playlist"]
    songs = [_to_jspf_song(track) for track in _list(playlist, "track")]
    return make_library("JSPF", songs, label=_text(playlist, "title"))


def _to_jspf_song(track: Json) -> LibrarySong:
    video = find_video(*_texts(track, "location"), *_texts(track, "identifier"))
    extensions = track.get("extension") if isinstance(track, dict) else None
    told = extensions.values() if isinstance(extensions, dict) else ()
    times = (read_time(_text(extension, "added_at")) for extension in told)
    at = next(filter(None, times), None)
    return LibrarySong(_text(track, "title"), _text(track, "creator"), video, at)


def _texts(holder: Json, name: str) -> list[str]:
    value = holder.get(name) if isinstance(holder, dict) else None
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]


# --- Any list of objects or names -----------------------------------------------------------------


def _is_list_of_songs(value: Json) -> bool:
    if not isinstance(value, list) or not value:
        return False
    first = value[0]
    return isinstance(first, str) or (isinstance(first, dict) and bool(_find_role(first, "title")))


def _read_list(documents: list[Json]) -> Library:
    return make_library("a list in JSON", map(_to_any_song, documents[0]))


def _to_any_song(entry: Json) -> LibrarySong:
    if not isinstance(entry, dict):
        return LibrarySong(entry if isinstance(entry, str) else "")
    video = _find_role(entry, "video")
    return LibrarySong(
        _find_role(entry, "title"),
        name_artist(_find_role(entry, "artist")),
        find_video(video, _find_role(entry, "url")) or (video if len(video) == 11 else ""),
        read_time(_find_role(entry, "time")),
    )


def _find_role(entry: dict[str, Json], role: str) -> str:
    roles = {role, "words"} if role == "title" else {role}
    names = (name for name in entry if ROLES.get(_to_heading(name)) in roles)
    return _text(entry, *names)


def _to_heading(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").casefold()


_FORMATS: tuple[tuple[Callable[[Json], bool], Callable[[list[Json]], Library]], ...] = (
    (_has(OWN_FORMAT, "songs"), _read_own),
    (_has("listener", "liked_songs"), _read_own),
    (_has("playlist"), _read_jspf),
    (_has("playlists"), _read_spotify_playlists),
    (_has("tracks"), _read_spotify_library),
    (_has("track_metadata"), _read_listens),
    (_has("videos"), _read_freetube),
    (_begins_with("endTime", "trackName"), _read_spotify_history),
    (_begins_with("ts", "ms_played"), _read_spotify_extended),
    (_begins_with("header", "title"), _read_watch_history),
    (_is_list_of_songs, _read_list),
)
