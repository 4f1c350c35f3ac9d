"""Names written as their song is stored: artist, dash and title, word for word, and nothing else.

Most names that programs send are such. They need not be taken apart, nor compared with all songs
of similar names, which is most of the time that a request about a list takes.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from music.catalogue.climb import Climb
from music.catalogue.stored_songs import StoredSong, read_songs_titled
from music.names.normalization import normalize_key
from music.names.song_names import SongName
from music.youtube.availability import has_youtube

_DASH = re.compile(r"\s[-–—]\s")


def find_plain(names: Iterable[SongName]) -> dict[str, StoredSong]:
    """Return the song of each name's key that is written so, where no other song can be meant.

    One query, two where a song was joined to another.
    """
    parts = {name.key: found for name in names if (found := _split(name))}
    if not parts:
        return {}
    # What stands first may be another song's title, and what stands last its artist.
    songs = read_songs_titled({part for found in parts.values() for part in found})
    by_title: dict[str, list[StoredSong]] = defaultdict(list)
    for song in songs:
        by_title[song.title_key].append(song)
    plain = {}
    for key, (artist, title) in parts.items():
        written = _find_written(artist, title, by_title.get(title, ()))
        if written is None or (has_youtube() and not written.is_playable):
            continue
        others = [song for song in by_title[title] if song.song_id != written.song_id]
        if not (_names_one(artist, others) or _names_one(title, by_title.get(artist, ()))):
            plain[key] = written
    return plain


def settle_plain(climb: Climb, names: Mapping[str, SongName], rung: str) -> dict[str, SongName]:
    """Settle the names that are written as their song is; return the others, by key."""
    for key, song in find_plain(names.values()).items():
        climb.settle(key, song.song_id, confidence=1.0, rung=rung)
    return {key: name for key, name in names.items() if key in climb.pending}


def _split(name: SongName) -> tuple[str, str] | None:
    """Return the keys of what is before and behind the only dash; None for any other text."""
    if name.link:
        return None
    parts = [normalize_key(part) for part in _DASH.split(name.text)]
    return (parts[0], parts[1]) if len(parts) == 2 and all(parts) else None


def _find_written(artist: str, title: str, songs: Iterable[StoredSong]) -> StoredSong | None:
    """Return the song with exactly these names, not counting its aliases."""
    for song in songs:
        if song.candidate.artists[:1] == (artist,) and song.candidate.titles[:1] == (title,):
            return song
    return None


def _names_one(artist: str, songs: Sequence[StoredSong]) -> bool:
    """Return whether a word of ``artist`` is one of an artist of ``songs``, who may be meant."""
    words = set(artist.split())
    return any(words & set(by.split()) for song in songs for by in song.candidate.artists)
