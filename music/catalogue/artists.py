"""What the bundled catalogue says of artists: whom else their listeners love, written by hand.

``data/artists.csv`` has the columns ``artist,country,language,active_from,active_to,similar``.
"""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

from music.names.normalization import normalize_key

ARTISTS_FILE = Path(__file__).parent / "data" / "artists.csv"


def list_similar(artist: str) -> tuple[str, ...]:
    """The artists whom listeners of ``artist`` also love, the closest first: those that its row
    names, then those whose rows name it. Empty for an artist who is not in the file.
    """
    return _load().get(normalize_key(artist), ())


@cache
def _load() -> dict[str, tuple[str, ...]]:
    with ARTISTS_FILE.open(encoding="utf-8", newline="") as file:
        named = {row["artist"]: row["similar"].split("|") for row in csv.DictReader(file)}
    naming: dict[str, list[str]] = defaultdict(list)
    for artist, others in named.items():
        for other in others:
            naming[other].append(artist)
    artists = dict.fromkeys((*named, *naming))
    return {
        normalize_key(artist): tuple(dict.fromkeys((*named.get(artist, ()), *naming[artist])))
        for artist in artists
    }
