"""The names of all songs of the bundled catalogue, and the forms in which people write them."""

import csv
import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from music.names.artists import ArtistNames

SONGS_FILE = Path(__file__).parent.parent / "music" / "catalogue" / "data" / "songs.csv"
SEED = 1
_LETTERS = re.compile(r"[^\W\d_]{4,}")


class Named(NamedTuple):
    """A song's artist and title, as the catalogue writes them."""

    artist: str
    title: str


@cache
def read_names() -> tuple[Named, ...]:
    """The songs of the catalogue, in its order."""
    with SONGS_FILE.open(encoding="utf-8", newline="") as file:
        return tuple(Named(row["artist"], row["title"]) for row in csv.DictReader(file))


@cache
def read_artists() -> ArtistNames:
    """The artists of the catalogue."""
    with SONGS_FILE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return ArtistNames((r["artist"], r["title"], r["aliases"].split("|")) for r in rows)


def is_known_artist(name: str) -> bool:
    """Whether the catalogue has an artist of this name, alone or with others."""
    return read_artists().is_known(name)


def mistype(text: str, rng: random.Random) -> str:
    """``text`` with one typing error inside its longest run of four letters or more."""
    runs = list(_LETTERS.finditer(text))
    if not runs:
        return text
    run = max(runs, key=lambda match: (len(match.group()), match.start()))
    at = rng.randrange(run.start() + 1, run.end() - 1)
    before, letter, after = text[:at], text[at], text[at + 1 :]
    return rng.choice(
        (
            before + after,
            before + after[0] + letter + after[1:],
            before + letter + letter + after,
            before + rng.choice("aeiounrst") + after,
        )
    )


_rng = random.Random(SEED)
FORMS: dict[str, Callable[[Named], str]] = {
    "A - T (Official Video)": lambda song: f"{song.artist} - {song.title} (Official Video)",
    '"T" by A': lambda song: f'"{song.title}" by {song.artist}',
    '"T","A"': lambda song: f'"{song.title}","{song.artist}"',
    "1. A - T": lambda song: f"1. {song.artist} - {song.title}",
    "0:00 A - T": lambda song: f"0:00 {song.artist} - {song.title}",
    "T - A": lambda song: f"{song.title} - {song.artist}",
    "one typing error": lambda song: mistype(f"{song.artist} - {song.title}", _rng),
    "#EXTINF:219,A - T": lambda song: f"#EXTINF:219,{song.artist} - {song.title}",
    "T - AVEVO": lambda song: f"{song.title} - {song.artist.replace(' ', '')}VEVO",
}
"""Ways in which the name of a song is written."""
