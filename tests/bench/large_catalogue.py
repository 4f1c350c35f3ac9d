"""A made-up site of any size, written by a seed straight into a SQLite database.

Artists have the facts of bundled songs (so that their surroundings are known), titles, tags and
descriptions follow Zipf's law, as real ones do, and a listener likes songs of three scenes, the
well-known ones more often. Keys ascend, where the site's are digests: only filling is faster so.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from music.catalogue.bundled import load_songs

SONGS_AN_ARTIST = 8
LIKES_A_LISTENER = 20
_BLOCK = 20_000
_WORDS = 60_000
_NOW = "2026-11-30 00:00:00"


def fill(path: Path, n_songs: int, n_likes: int, seed: int = 1) -> None:
    """Fill the migrated database at ``path`` with songs, a video each, and likes."""
    random = np.random.default_rng(seed)
    scene_of_song = make_scenes(random, n_songs)
    database = sqlite3.connect(path, isolation_level=None)
    for switch in ("synchronous=OFF", "journal_mode=OFF", "foreign_keys=OFF", "cache_size=-200000"):
        database.execute(f"PRAGMA {switch}")
    indexes = database.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name"
        " IN ('music_song', 'music_videofeature', 'music_userlikedsong')"
    ).fetchall()
    for name, _sql in indexes:
        database.execute(f'DROP INDEX "{name}"')
    database.execute("BEGIN")
    insert(database, "music_song", SONG_COLUMNS, make_songs(random, n_songs))
    insert(database, "music_videofeature", VIDEO_COLUMNS, make_videos(random, n_songs))
    insert(
        database, "music_userlikedsong", LIKE_COLUMNS, make_likes(random, scene_of_song, n_likes)
    )
    database.execute("COMMIT")
    for _name, sql in indexes:
        database.execute(sql)
    database.close()


SONG_COLUMNS = {
    "id": None, "artist_key": None, "title_key": None, "address": None, "artist": None,
    "title": None, "genre": None, "tags": None, "year": None, "language": None, "popularity": None,
    "aliases": "[]", "is_bundled": 0, "created_at": _NOW, "updated_at": _NOW,
}  # fmt: skip
"""The columns of a song; those with a value are the same for all."""
VIDEO_COLUMNS = {
    "id": None, "video_id": None, "song_id": None, "title": None, "channel_title": None,
    "description": None, "view_count": None, "duration": None, "take": "original", "genre": "",
    "channel_id": "", "tags": "[]", "available": 1, "embeddable": 1, "made_for_kids": 0,
    "age_restricted": 0, "is_live": 0, "blocked_regions": "[]", "source": "youtube",
    "created_at": _NOW, "updated_at": _NOW,
}  # fmt: skip
LIKE_COLUMNS = {
    "id": None, "user_id": None, "song_name": None, "song_id": None, "learn": 1,
    "created_at": _NOW,
}  # fmt: skip


def insert(
    database: sqlite3.Connection, table: str, columns: dict[str, object], rows: Iterable[tuple]
) -> None:
    """Write rows of the columns that differ."""
    values = ["?" if value is None else f"'{value}'" for value in columns.values()]
    names = ", ".join(f'"{name}"' for name in columns)
    database.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join(values)})", rows)


def spread(n_rows: int, place: int) -> int:
    """Return the key of a row: they are spread over the 63 bits as digests are."""
    return (place + 1) * (2**63 // (n_rows + 2))


def make_scenes(random: np.random.Generator, n_songs: int) -> np.ndarray:
    """Return the scene of each song, which is the bundled song whose facts its artist has."""
    n_artists = max(n_songs // SONGS_AN_ARTIST, 1)
    of_artist = random.integers(0, len(load_songs()), n_artists)
    return of_artist[np.arange(n_songs) % n_artists]


def make_songs(random: np.random.Generator, n_songs: int) -> Iterator[tuple]:
    """Yield the rows of the songs, the best known first."""
    templates, n_artists = load_songs(), max(n_songs // SONGS_AN_ARTIST, 1)
    scenes = make_scenes(np.random.default_rng(1), n_songs)
    for start in range(0, n_songs, _BLOCK):
        size = min(_BLOCK, n_songs - start)
        words = zipf(random, (size, 4), _WORDS)
        others = zipf(random, (size, 3), 3_000)
        lengths = random.integers(1, 5, size)
        for n in range(size):
            place = start + n
            artist, told = place % n_artists, templates[int(scenes[place])]
            title = " ".join(f"word{word}" for word in words[n, : lengths[n]].tolist())
            tags = [*told.tags[:4], *(f"tag {tag}" for tag in others[n].tolist())]
            yield (
                spread(n_songs, place),
                f"band {artist}",
                f"{title} {place}",
                f"band-{artist}/{title.replace(' ', '-')}-{place}",
                f"Band {artist}",
                f"{title.title()} {place}",
                told.genre,
                json.dumps(tags),
                1950 + place % 75,
                told.language,
                max(1, 90 - int(14 * np.log10(1 + place))),
            )


def make_videos(random: np.random.Generator, n_songs: int) -> Iterator[tuple]:
    """Yield a video for each song."""
    n_artists = max(n_songs // SONGS_AN_ARTIST, 1)
    for start in range(0, n_songs, _BLOCK):
        size = min(_BLOCK, n_songs - start)
        words = zipf(random, (size, 30), _WORDS)
        lengths = random.integers(0, 31, size)
        for n in range(size):
            place = start + n
            artist = f"Band {place % n_artists}"
            yield (
                spread(n_songs, place),
                f"{place:011d}",
                spread(n_songs, place),
                f"{artist} - Song {place} (Official Video)",
                artist,
                " ".join(f"said{word}" for word in words[n, : lengths[n]].tolist()),
                int(1e9 / (1 + place)) + 100,
                150 + place % 200,
            )


def make_likes(
    random: np.random.Generator, scene_of_song: np.ndarray, n_likes: int
) -> Iterator[tuple]:
    """Yield likes of listeners with three scenes each; a tenth of them is from anywhere."""
    n_songs = scene_of_song.size
    order = np.argsort(scene_of_song, kind="stable")
    scenes, starts = np.unique(scene_of_song[order], return_index=True)
    sizes = np.diff(np.append(starts, n_songs))
    for start in range(0, n_likes, _BLOCK):
        listeners = np.arange(start, min(start + _BLOCK, n_likes)) // LIKES_A_LISTENER
        tastes = np.random.default_rng(start).integers(0, scenes.size, (listeners.max() + 1, 3))
        chosen = tastes[listeners, random.integers(0, 3, listeners.size)]
        songs = order[
            starts[chosen] + (sizes[chosen] * random.random(listeners.size) ** 3).astype(int)
        ]
        anywhere = random.random(listeners.size) < 0.1
        songs[anywhere] = (n_songs * random.random(int(anywhere.sum())) ** 3).astype(int)
        for n, (listener, song) in enumerate(zip(listeners.tolist(), songs.tolist(), strict=True)):
            place = start + n
            yield spread(n_likes, place), listener + 1, f"song {place}", spread(n_songs, song)


def zipf(random: np.random.Generator, shape: tuple[int, int], n_words: int) -> np.ndarray:
    """Return numbers of words below ``n_words``, the small ones many times as often."""
    return random.zipf(1.2, shape) % n_words
