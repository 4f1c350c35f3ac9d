"""The keys of a song, equal for all its spellings and takes, and its address in URLs.

A stored key never changes, whatever becomes of these rules: it is made once. A key made later from
the same names is only used to find the song, so rules may improve, but none may be dropped.
"""

import csv
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .normalization import clean_text, normalize_key
from .titles import strip_title

MAX_ADDRESS_LENGTH = 128
MAX_PART_LENGTH = 128
KEPT_FILE = Path(__file__).parent / "data" / "kept_names.csv"
"""Names (``artist,title``) of the bundled catalogue that had addresses before there were keys, with
the words that a key leaves out. A release closes the list: one more line would change the keys of
songs that are stored. What is added to the catalogue later has the address that the rules give.
"""

_FEATURED = re.compile(
    r"(?:^|[\s,(\[])(?:feat\.?|ft\.?|featuring|con la participaci[oó]n de)\s+(?=\S).*$",
    re.IGNORECASE,
)
_JOINTS = frozenset({"and", "x", "und", "et", "vs", "versus"})
_DIGEST_LENGTH = 12


class SongKey(NamedTuple):
    """The natural key of a song: two texts of lower-case words, neither of them empty."""

    artist_key: str
    title_key: str


def song_key(artist: str, title: str) -> SongKey:
    """Return the key that all spellings and takes of a song share.

    Left out are featured artists, decoration, words of a take, an article before the artist, and
    "&", "and" or "x" between artists: ``"The Foos & Bars", "Polly (Live) [feat. X]"`` -> ``"foos
    bars", "polly"``. A name without a letter or digit (``"!!!"``, also an empty one) has a digest
    for a key, one of over 128 characters ends in a digest.
    """
    artist_key = make_artist_key(artist)
    kept = _load_kept()[1].get((artist_key, normalize_key(title)))
    return SongKey(artist_key, kept or _bound(normalize_key(strip_title(title))) or _digest(title))


def make_artist_key(artist: str) -> str:
    """Return the artist's part of ``song_key``: the same for "Beatles" and "The Beatles"."""
    named = _FEATURED.sub("", artist)
    key = normalize_key(named) or normalize_key(artist)
    bare = _strip_joints(key)
    return _load_kept()[0].get(bare, _bound(bare)) or _digest(artist)


def song_address(artist_key: str, title_key: str) -> str:
    """Return a song's address: ``nirvana/come-as-you-are``, at most 128 characters in any script.

    A longer one is cut and ends in a digest of the whole instead.
    """
    whole = f"{artist_key.replace(' ', '-')}/{title_key.replace(' ', '-')}"
    return _cut(whole, MAX_ADDRESS_LENGTH, "-")


def _strip_joints(key: str) -> str:
    """Return an artist's key without its article and the words between several artists."""
    words = (key.removeprefix("the ") or key).split()
    inner = words[1:-1]
    return " ".join([*words[:1], *(word for word in inner if word not in _JOINTS), *words[1:][-1:]])


@cache
def _load_kept() -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Load the keys stored under earlier rules: of artists, and of titles by artist."""
    artists: dict[str, str] = {}
    titles: dict[tuple[str, str], str] = {}
    with KEPT_FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            artist, title = normalize_key(row["artist"]), normalize_key(row["title"])
            if title:
                titles[artist, title] = title
            else:
                artists[_strip_joints(artist)] = artist
    return artists, titles


def _bound(key: str) -> str:
    return _cut(key, MAX_PART_LENGTH, " ")


def _cut(text: str, length: int, joint: str) -> str:
    if len(text) <= length:
        return text
    return f"{text[: length - _DIGEST_LENGTH - 1]}{joint}{_hash(text)}"


def _digest(text: str) -> str:
    """Return the key of a name without a letter or digit."""
    return _hash(clean_text(text))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]
