"""What the bundled catalogue says of artists: whom else their listeners love, written by hand.

``data/artists.csv`` has the columns ``artist,country,language,active_from,active_to,similar``.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from music.catalogue.bundled import BundledSong, load_songs
from music.names.normalization import normalize_key
from music.recommender.artist_vectors import Vector, build_artist_vectors

ARTISTS_FILE = Path(__file__).parent / "data" / "artists.csv"


def list_similar(artist: str) -> tuple[str, ...]:
    """The artists whom listeners of ``artist`` also love, the closest first: those that its row
    names, then those whose rows name it. Empty for an artist who is not in the file.
    """
    return _load_similar().get(normalize_key(artist), ())


def list_near(artist: str) -> Vector:
    """The artists near to ``artist``, by key, with how near: by the file, and for artists of whom
    it says little by what their songs are. Empty for an artist without a bundled song.
    """
    return _build_vectors().get(normalize_key(artist), ())


def find_country(artist: str) -> str:
    """Where ``artist`` comes from, ISO 3166-1 in two letters; empty where the file does not say."""
    row = _load_rows().get(normalize_key(artist))
    return row["country"] if row else ""


@cache
def _load_rows() -> dict[str, dict[str, str]]:
    """The rows of the file by the key of their artist."""
    with ARTISTS_FILE.open(encoding="utf-8", newline="") as file:
        return {normalize_key(row["artist"]): row for row in csv.DictReader(file)}


@cache
def _load_similar() -> dict[str, tuple[str, ...]]:
    named = {row["artist"]: row["similar"].split("|") for row in _load_rows().values()}
    naming: dict[str, list[str]] = defaultdict(list)
    for artist, others in named.items():
        for other in others:
            naming[other].append(artist)
    artists = dict.fromkeys((*named, *naming))
    return {
        normalize_key(artist): tuple(dict.fromkeys((*named.get(artist, ()), *naming[artist])))
        for artist in artists
    }


@cache
def _build_vectors() -> dict[str, Vector]:
    songs: dict[str, list[BundledSong]] = defaultdict(list)
    for song in load_songs():
        songs[normalize_key(song.artist)].append(song)
    loved = {
        artist: [normalize_key(other) for other in row["similar"].split("|")]
        for artist, row in _load_rows().items()
    }
    return build_artist_vectors({a: _read_traits(a, theirs) for a, theirs in songs.items()}, loved)


def _read_traits(artist: str, songs: list[BundledSong]) -> dict[str, float]:
    """Which share of an artist's songs each trait holds of; the country holds of the artist."""
    counts = Counter(trait for song in songs for trait in set(_list_traits(song)))
    shares = {trait: count / len(songs) for trait, count in counts.items()}
    country = find_country(artist)
    return shares | ({f"country:{country}": 1.0} if country else {})


def _list_traits(song: BundledSong) -> Iterator[str]:
    yield f"genre:{normalize_key(song.genre)}"
    yield f"language:{song.language}"
    yield from (f"tag:{normalize_key(tag)}" for tag in song.tags)
