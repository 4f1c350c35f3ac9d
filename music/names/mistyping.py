"""Words with typing errors, and words that were run together or split."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from rapidfuzz.distance import OSA

from .normalization import FIRST_SIGN
from .spelling import spell_simply

IsWord = Callable[[str], bool]
"""A function that tells whether a text is a word, which is seldom another word mistyped."""

_DIGITS = re.compile(r"\d+")
_COMPACT_MIN_LENGTH = 7
_COMPACT_SIMILARITY = 0.87
_SPACED_OTHERWISE = 0.9
_PLURAL = 0.75
"""Words that differ by a final s are seldom mistyped: "Renegades" is not "Renegade"."""
_MANY_WORDS = 6
"""Where this many other words are right, even a known word may be mistyped."""
_SOUNDS_THE_SAME = 0.95
_MIN_MISTYPED_LENGTH = 4


@lru_cache(maxsize=65_536)
def rate_words_alike(word: str, other: str) -> float:
    """Return how likely one word is the other with typing errors, in [0, 1]; 0 for another word.

    Allowed are one error in four to eight letters, two from nine letters on (optimal string
    alignment: insert, delete, replace, swap neighbours). The first letter is seldom wrong. Words
    that are only spelt otherwise are alike however many letters differ: "billy" and "billie",
    "nick" and "nik", "17" and "siebzehn".
    """
    if spell_simply(word) == spell_simply(other):
        return _SOUNDS_THE_SAME
    length = min(len(word), len(other))
    if length < (_MIN_MISTYPED_LENGTH if word[0] < FIRST_SIGN else 3):
        return 0.0
    allowed = 2 if length >= 9 else 1
    errors = OSA.distance(word, other, score_cutoff=allowed)
    if errors > allowed or _DIGITS.search(word + other):
        return 0.0
    similarity = 0.95 if length >= 8 else 0.9 if length >= 5 else 0.87
    similarity = min(similarity, _PLURAL) if _is_plural(word, other) else similarity
    similarity -= 0.07 * (errors - 1)
    return similarity if word[0] == other[0] else similarity - 0.08


def rate_compact(
    reading: str, titles: Sequence[str], artists: Sequence[str], is_word: IsWord
) -> float:
    """Return how likely a reading is a title, spaces ignored, with or without an artist, in [0, 1].

    For words that were run together or split; ``is_word`` tells which words are in titles.
    """
    said = reading.replace(" ", "")
    if len(said) + sum(char >= FIRST_SIGN for char in said) < _COMPACT_MIN_LENGTH:
        return 0.0
    artists = list(dict.fromkeys([*artists, *(artist.removeprefix("the ") for artist in artists)]))
    best = 0.0
    # Texts of other lengths differ too much by that alone.
    least, most = _COMPACT_SIMILARITY * len(said) - 0.01, len(said) / _COMPACT_SIMILARITY + 0.01
    for title in titles:
        texts = [title, *(f"{a} {title}" for a in artists)]
        texts += [f"{title} {a}" for a in artists]
        for text in texts:
            whole = text.replace(" ", "")
            if not least <= len(whole) <= most:
                continue
            similarity = OSA.normalized_similarity(said, whole, score_cutoff=_COMPACT_SIMILARITY)
            if similarity <= best or _DIGITS.findall(said) != _DIGITS.findall(whole):
                continue
            if similarity == 1.0 or _may_be_mistyped(reading, text, similarity, is_word):
                best = similarity
    return best * 0.97


def _may_be_mistyped(reading: str, text: str, similarity: float, is_word: IsWord) -> bool:
    """Return whether different words may be the same, split differently or with one mistyped."""
    words, others = reading.split(), text.split()
    if len(words) != len(others):
        return similarity >= _SPACED_OTHERWISE
    changed = [(w, o) for w, o in zip(words, others, strict=True) if w != o]
    is_long = len(words) >= _MANY_WORDS
    return all(
        OSA.distance(w, o) == 1 and (is_long or not (is_word(w) or _is_plural(w, o)))
        for w, o in changed
    )


def _is_plural(word: str, other: str) -> bool:
    return f"{word}s" == other or word == f"{other}s"
