"""Artists near to an artist, from the file of artists and from the facts of the bundled songs.

They are worked out once for all processes of a machine, which map the result: it takes seconds, and
each process would need it as soon as one song is newer than the index.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache, lru_cache
from pathlib import Path

import music.names
from music.catalogue import artists, bundled
from music.catalogue.bundled import BundledSong
from music.names.normalization import normalize_key
from music.recommender import artist_vectors, byte_strings
from music.recommender.artist_vectors import NearArtists, Vector, build_artist_vectors
from tunetrace_site.machine.array_files import (
    SnapshotCorrupt,
    SnapshotMissing,
    load_arrays,
    save_arrays,
)
from tunetrace_site.machine.files import digest_files, state_path
from tunetrace_site.machine.locks import FileLock

FORMAT = 1
"""Increased whenever the arrays change their meaning; other formats are not used."""
_FOLDER = "near_artists"

logger = logging.getLogger(__name__)


def list_near(artist: str) -> Vector:
    """Return the artists near to ``artist`` by key, each with its nearness.

    It comes from the file, and for artists with few entries there from the traits of their songs.
    Empty for an artist without a bundled song.
    """
    return _load().find(normalize_key(artist))


def guess_near(*, genre: str, tags: Iterable[str], language: str) -> Vector:
    """Return who is likely to be near to an artist of whom only one song's facts are known.

    Empty for a song without a genre and tags: a language alone says too little.
    """
    traits = tuple(sorted(set(_list_traits(genre, language, tags))))
    return _guess(traits) if len(traits) > 1 else ()


@lru_cache(maxsize=16_384)
def _guess(traits: tuple[str, ...]) -> Vector:
    return _load().guess(traits)


@cache
def _load() -> NearArtists:
    """Return what a process of this machine has worked out, or work it out for all of them."""
    version = _find_version()
    found = _find_stored(version)
    if found is not None:
        return found
    with FileLock(state_path(f"{_FOLDER}.lock")):
        return _find_stored(version) or _work_out(version)


def _find_stored(version: str) -> NearArtists | None:
    try:
        stored = load_arrays(state_path(_FOLDER), format_number=FORMAT)
        return NearArtists(**stored.arrays) if stored.version == version else None
    except (SnapshotMissing, SnapshotCorrupt, TypeError):
        return None


def _work_out(version: str) -> NearArtists:
    made = build_near_artists()
    arrays = {field.name: getattr(made, field.name) for field in fields(made)}
    try:
        save_arrays(state_path(_FOLDER), version, arrays, facts={}, format_number=FORMAT)
    except OSError as error:
        # Each process then works it out for itself.
        logger.error("near artists cannot be kept in %s: %s", state_path(_FOLDER), error)
        return made
    return _find_stored(version) or made


def build_near_artists() -> NearArtists:
    """Work out the vectors of all artists of the bundled songs."""
    songs: dict[str, list[BundledSong]] = defaultdict(list)
    for song in bundled.load_songs():
        songs[normalize_key(song.artist)].append(song)
    traits = {artist: _read_traits(artist, theirs) for artist, theirs in songs.items()}
    loved = {
        artist: [normalize_key(other) for other in row["similar"].split("|")]
        for artist, row in artists.load_rows().items()
    }
    return NearArtists.of(traits, build_artist_vectors(traits, loved))


def _read_traits(artist: str, songs: list[BundledSong]) -> dict[str, float]:
    """Return the share of an artist's songs that has each trait; the country is the artist's."""
    counts = Counter(
        trait for song in songs for trait in set(_list_traits(song.genre, song.language, song.tags))
    )
    shares = {trait: count / len(songs) for trait, count in counts.items()}
    country = artists.find_country(artist)
    return shares | ({f"country:{country}": 1.0} if country else {})


def _list_traits(genre: str, language: str, tags: Iterable[str]) -> Iterator[str]:
    if genre:
        yield f"genre:{normalize_key(genre)}"
    if language:
        yield f"language:{language}"
    yield from (f"tag:{normalize_key(tag)}" for tag in tags)


def _find_version() -> str:
    """Return a digest of the data and of the code that decide the result."""
    modules = (artists, bundled, artist_vectors, byte_strings)
    places = [Path(str(module.__file__)) for module in modules]
    places += [Path(__file__), Path(music.names.__path__[0])]
    return digest_files([*places, artists.ARTISTS_FILE, bundled.SONGS_FILE])
