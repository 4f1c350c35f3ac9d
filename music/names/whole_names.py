"""Names that say an artist and a title whole, where words alone do not tell that they do."""

from collections.abc import Sequence

from rapidfuzz.distance import OSA

from .romanization import find_consonants, leaves_vowels_out
from .words import split_key, weigh_word

_SAME_CONSONANTS = 0.9
"""How alike the consonants of a whole name and song must be, of scripts without vowels."""
_LEAST_CONSONANTS = 6
_BEGUN_WORDS, _BEGUN_LETTERS = 3, 10
"""How much of a title must be said for it to be its beginning: of 12,585 titles of three words and
more none begins another song of its artist."""


def begins_title(reading: str, artists: Sequence[str], titles: Sequence[str]) -> bool:
    """Return whether a reading is an artist and the beginning of a long title, in any order."""
    for artist in artists:
        if reading.startswith(f"{artist} "):
            said = reading[len(artist) + 1 :]
        elif reading.endswith(f" {artist}"):
            said = reading[: -len(artist) - 1]
        else:
            continue
        is_long = len(said.split()) >= _BEGUN_WORDS and len(said) >= _BEGUN_LETTERS
        if is_long and any(title.startswith(f"{said} ") for title in titles):
            return True
    return False


def rate_all(reading: str, artists: Sequence[str], titles: Sequence[str]) -> float:
    """Return the share of a reading that is names of the song, where several are said at once.

    ``"周杰倫 jay chou 晴天 sunny day"`` says artist and title twice, others name all the artists.
    0 where no artist or no title is said whole.
    """
    said = split_key(reading)
    left = f" {' '.join(said.texts)} "
    for names in (titles, artists):
        before = left
        for name in sorted(names, key=len, reverse=True):
            words = split_key(name).texts
            for order in (words, words[::-1]) if names is artists else (words,):
                left = left.replace(f" {' '.join(order)} ", "  ")
        if left == before:
            return 0.0
    strange = sum(weigh_word(word) for word in left.split())
    return 1.0 - strange / said.total if said.total else 0.0


def have_same_consonants(
    readings: Sequence[str], artists: Sequence[str], titles: Sequence[str]
) -> bool:
    """Return whether a reading has the consonants of artist and title, in any order.

    Only where one of them is in a script that leaves vowels out.
    """
    return any(
        _sounds_like(reading, artist, title)
        for artist in artists
        for title in titles
        for reading in readings
        if leaves_vowels_out(artist) or leaves_vowels_out(title) or leaves_vowels_out(reading)
    )


def _sounds_like(reading: str, artist: str, title: str) -> bool:
    said, by, of = map(find_consonants, (reading, artist, title))
    if len(said) < _LEAST_CONSONANTS or not by or not of:
        return False
    alike = max(OSA.normalized_similarity(said, whole) for whole in (by + of, of + by))
    return alike >= _SAME_CONSONANTS
