"""Artists whose listeners love each other's songs, from a hand-written file.

``data/artists.csv`` has the columns ``artist,country,language,active_from,active_to,similar``.
"""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

from music.names.normalization import normalize_key
from music.recommender.explanations import Loved
from music.recommender.facts import name_code

ARTISTS_FILE = Path(__file__).parent / "data" / "artists.csv"


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


def find_country(artist: str) -> str:
    """Return the country of ``artist``, ISO 3166-1 in two letters.

    Empty where the file has none.
    """
    row = load_rows().get(normalize_key(artist))
    return row["country"] if row else ""


@cache
def load_rows() -> dict[str, dict[str, str]]:
    """Return the rows of the file by the key of their artist."""
    with ARTISTS_FILE.open(encoding="utf-8", newline="") as file:
        return {normalize_key(row["artist"]): row for row in csv.DictReader(file)}


@cache
def _load_similar() -> dict[str, tuple[str, ...]]:
    named = {row["artist"]: row["similar"].split("|") for row in load_rows().values()}
    naming: dict[str, list[str]] = defaultdict(list)
    for artist, others in named.items():
        for other in others:
            naming[other].append(artist)
    artists = dict.fromkeys((*named, *naming))
    return {
        normalize_key(artist): tuple(dict.fromkeys((*named.get(artist, ()), *naming[artist])))
        for artist in artists
    }
