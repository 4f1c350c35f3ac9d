"""Genre names, their families, and the genre that a video's title, tags and description mention.

The table is ``data/genres.csv`` (``name,parent,aliases``). Spelling does not matter anywhere: "hip
hop", "Hip-Hop" and "rap" are one genre.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from music.records import VideoRecord

from .normalization import normalize_key

GENRES_FILE = Path(__file__).parent / "data" / "genres.csv"
_MAX_GENRE_WORDS = 4
_TOO_BROAD = frozenset({"Pop", "Rock", "Electronic", "Latin"})


@cache
def _load() -> tuple[dict[str, str], dict[str, str]]:
    """Return genre names by key (aliases too), and parents by name."""
    names: dict[str, str] = {}
    aliases: dict[str, str] = {}
    parents: dict[str, str] = {}
    with GENRES_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["name"]
            names[_key(name)] = name
            parents[name] = row["parent"]
            for alias in filter(None, row["aliases"].split("|")):
                aliases.setdefault(_key(alias), name)
    return aliases | names, parents


def _key(text: str) -> str:
    return normalize_key(text).replace(" ", "")


def genre_names() -> tuple[str, ...]:
    """Return every genre's name in alphabetical order."""
    return tuple(sorted(_load()[1]))


def find_genre(name: str) -> str | None:
    """Return the genre of this name or alias, in its proper spelling; None when unknown."""
    return _load()[0].get(_key(name))


def find_parent(name: str) -> str | None:
    """Return the genre directly above a genre; None for the widest ones and unknown ones."""
    return _load()[1].get(find_genre(name) or "") or None


def find_family(name: str) -> str | None:
    """Return the widest genre that a genre belongs to, often itself; None for an unknown one."""
    family = find_genre(name)
    while family and (parent := find_parent(family)):
        family = parent
    return family


def expand_genre(name: str) -> frozenset[str] | None:
    """Return a genre and all below it: "Rock" -> Rock, Grunge, Metal...; None when unknown."""
    genre = find_genre(name)
    return None if genre is None else _families()[genre]


def split_genres(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the genres named one after another in a text, and the words that name none.

    "Pop Rock Hip Hop" -> Pop Rock, Hip Hop: at each word the longest name is taken.
    """
    words = text.replace(",", " ").split()
    found: list[str] = []
    unknown: list[str] = []
    while words:
        lengths = range(min(len(words), _MAX_GENRE_WORDS), 0, -1)
        taken = next((n for n in lengths if find_genre(" ".join(words[:n]))), 0)
        name = find_genre(" ".join(words[:taken])) if taken else None
        (unknown if name is None else found).append(name or words[0])
        words = words[taken or 1 :]
    return tuple(dict.fromkeys(found)), tuple(dict.fromkeys(unknown))


@cache
def _families() -> dict[str, frozenset[str]]:
    _, parents = _load()
    members: dict[str, set[str]] = defaultdict(set)
    for name in parents:
        ancestor: str | None = name
        while ancestor and name not in members[ancestor]:
            members[ancestor].add(name)
            ancestor = parents.get(ancestor)
    return {name: frozenset(group) for name, group in members.items()}


def infer_genre(record: VideoRecord) -> str:
    """Return the genre of a record: its own, else the one its tags and texts mention most.

    A tag counts three times a mention in title or description; a narrow genre wins over a broad one
    that is mentioned as often. Empty when nothing is mentioned.
    """
    said = find_genre(record.genre) if record.genre else None
    if said and said not in _TOO_BROAD:
        return said
    votes: dict[str, float] = defaultdict(float)
    for tag in record.tags:
        if genre := find_genre(tag) or find_genre(_without_music(tag)):
            votes[genre] += 3
    for genre in _mentioned(f"{record.title} {record.description[:2000]}"):
        votes[genre] += 1
    if said:
        votes = _within_family(votes, said)
    if not votes:
        return said or ""
    return min(votes, key=lambda genre: (-votes[genre], genre in _TOO_BROAD, genre))


def _without_music(tag: str) -> str:
    return normalize_key(tag).removesuffix(" music").removesuffix(" song").removesuffix(" songs")


def _within_family(votes: dict[str, float], family: str) -> dict[str, float]:
    """Return the votes within the topic's family: words may only make a topic narrower."""
    return {genre: n for genre, n in votes.items() if genre in _families()[family]}


def _mentioned(text: str) -> Iterable[str]:
    """Return genres mentioned in running text, where only a hashtag surely means one."""
    for word in text.split():
        if word.startswith("#") and (genre := find_genre(word[1:])):
            yield genre
