"""Similar artists, from a hand-written file and from the facts of the bundled songs.

``data/artists.csv`` has the columns ``artist,country,language,active_from,active_to,similar``.
"""

import csv
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

from music.catalogue.bundled import SONGS_FILE, BundledSong, load_songs
from music.names import normalization
from music.names.normalization import normalize_key
from music.recommender import artist_vectors, near_artists
from music.recommender.artist_vectors import Vector
from music.recommender.explanations import Loved
from music.recommender.facts import name_code
from music.recommender.near_artists import (
    NearArtists,
    build_near_artists,
    load_near_artists,
    save_near_artists,
)
from tunetrace_site.machine.files import digest_files, drop_others, state_path

ARTISTS_FILE = Path(__file__).parent / "data" / "artists.csv"
_MODULES = (__file__, normalization.__file__, artist_vectors.__file__, near_artists.__file__)
_READING = (ARTISTS_FILE, SONGS_FILE, *map(Path, _MODULES))
"""What decides who is near to whom."""

logger = logging.getLogger(__name__)


def list_similar(artist: str) -> tuple[str, ...]:
    """Return the artists whom listeners of ``artist`` also love, the closest first.

    Those that the artist's row names come first, then those whose rows name the artist. Empty for
    an artist who is not in the file.
    """
    return _load_similar().get(normalize_key(artist), ())


@cache
def load_loved() -> Loved:
    """Return whom the listeners of each artist of the file also love, by ``name_code``."""
    return {
        name_code(artist): frozenset(name_code(normalize_key(other)) for other in others)
        for artist, others in _load_similar().items()
    }


def list_near(artist: str) -> Vector:
    """Return the artists near to ``artist`` by key, each with its nearness.

    It comes from the file, and for artists with few entries there from the traits of their songs.
    Empty for an artist without a bundled song.
    """
    return _load_near().list_near(normalize_key(artist))


def guess_near(*, genre: str, tags: Iterable[str], language: str) -> Vector:
    """Return who is likely to be near to an artist of whom only one song's facts are known.

    Empty for a song without a genre and tags: a language alone says too little.
    """
    traits = tuple(sorted(set(_list_traits(genre, language, tags))))
    return _guess(traits) if len(traits) > 1 else ()


@lru_cache(maxsize=16_384)
def _guess(traits: tuple[str, ...]) -> Vector:
    return _load_near().guess(traits)


def find_country(artist: str) -> str:
    """Return the country of ``artist``, ISO 3166-1 in two letters.

    Empty where the file has none.
    """
    row = _load_rows().get(normalize_key(artist))
    return row["country"] if row else ""


@cache
def _load_rows() -> dict[str, dict[str, str]]:
    """Return the rows of the file by the key of their artist."""
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
def _load_near() -> NearArtists:
    """Return the artists of the catalogue, from the machine's file; made where there is none."""
    folder = state_path("near_artists") / digest_files(_READING)
    near = load_near_artists(folder)
    if near is None:
        near = build_near_artists(_read_all_traits(), _read_loved())
        try:
            save_near_artists(near, folder)
            drop_others(folder)
        except OSError as error:
            logger.error("near artists cannot be written to %s: %s", folder, error)
    return near


def _read_all_traits() -> dict[str, dict[str, float]]:
    """Return the traits of each artist's bundled songs, by the artist's key."""
    songs: dict[str, list[BundledSong]] = defaultdict(list)
    for song in load_songs():
        songs[normalize_key(song.artist)].append(song)
    return {artist: _read_traits(artist, theirs) for artist, theirs in songs.items()}


def _read_loved() -> dict[str, list[str]]:
    """Return the artists that each row names, by the key of its artist."""
    return {
        artist: [normalize_key(other) for other in row["similar"].split("|")]
        for artist, row in _load_rows().items()
    }


def _read_traits(artist: str, songs: list[BundledSong]) -> dict[str, float]:
    """Return the share of an artist's songs that has each trait; the country is the artist's."""
    counts = Counter(
        trait for song in songs for trait in set(_list_traits(song.genre, song.language, song.tags))
    )
    shares = {trait: count / len(songs) for trait, count in counts.items()}
    country = find_country(artist)
    return shares | ({f"country:{country}": 1.0} if country else {})


def _list_traits(genre: str, language: str, tags: Iterable[str]) -> Iterator[str]:
    if genre:
        yield f"genre:{normalize_key(genre)}"
    if language:
        yield f"language:{language}"
    yield from (f"tag:{normalize_key(tag)}" for tag in tags)
