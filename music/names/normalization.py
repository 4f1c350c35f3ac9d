"""Normal forms of texts, so that equal ones can be compared and looked up."""

import re
import unicodedata
from functools import lru_cache

REMEMBERED_TEXTS = 4096
"""The size of the cache: the same names and genres come several times in each request."""

MAX_KEY_LENGTH = 255
"""The length of a column of keys; nothing longer is compared."""

_SIGNS = frozenset("$€£¥¢!?%@&+=<>÷×∞√#")
_FIRST_OTHER_LETTER = "\u0370"
FIRST_SIGN = "\u2e80"
"""From this code point on signs are syllables or words: Chinese, Japanese, Korean."""
_NOT_WORD = re.compile(r"[^\w]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_INSIDE_WORDS = str.maketrans("", "", "'’ʼ\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f")


@lru_cache(maxsize=REMEMBERED_TEXTS)
def clean_text(text: str) -> str:
    """Return ``text`` in NFC without control or invisible characters, with single spaces."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join(_CONTROL.sub(" ", _INVISIBLE.sub("", composed)).split())


def name_key(text: str) -> str:
    """Return the key of a name, even of one made only of signs: ``"$$$"``, ``"!!!"``."""
    return normalize_key(text) or "".join(char for char in text if char in _SIGNS)


def has_signs(text: str) -> bool:
    """Return whether a part of the text may be a name made only of signs (``name_key``)."""
    return not _SIGNS.isdisjoint(text)


def is_latin(text: str) -> bool:
    """Return whether the text has no letter of another script than Latin."""
    return text.isascii() or all(char < _FIRST_OTHER_LETTER or not char.isalpha() for char in text)


def cut_key(key: str) -> str:
    """Return ``key`` cut after a word where it is longer than any stored key.

    One sign may become eighteen letters of a key, so the key of a short text can be too long.
    """
    return (
        key
        if len(key) <= MAX_KEY_LENGTH
        else key[: MAX_KEY_LENGTH + 1].rpartition(" ")[0] or (key[:MAX_KEY_LENGTH])
    )


@lru_cache(maxsize=REMEMBERED_TEXTS)
def normalize_key(text: str) -> str:
    """Return the key of a text: case, accents, punctuation and spacing are ignored.

    Accents are dropped from Latin and Greek letters, and from Cyrillic ё; in other scripts, as in й
    and हिन्दी, the marks make other letters. ``"Beyoncé — Halo!"`` -> ``"beyonce halo"``; a text of
    only punctuation -> ``""``.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    folded = folded.translate(_INSIDE_WORDS)
    if folded.isascii():
        return " ".join(_NOT_WORD.sub(" ", folded).replace("_", " ").split())
    return " ".join(_keep_letters(folded).split())


def _keep_letters(text: str) -> str:
    """Return ``text`` without accents, with a space for every sign.

    Letters are told by their Unicode category, because Python's ``\\w`` leaves out the vowel signs
    of Indic scripts.
    """
    kept: list[str] = []
    base = ""
    for char in unicodedata.normalize("NFD", text):
        if char.isalnum():
            base = char
            kept.append(char)
        elif unicodedata.category(char)[0] != "M":
            base = ""
            kept.append(" ")
        elif base and not _is_accent(base, char):
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))


def _is_accent(base: str, mark: str) -> bool:
    return ord(base) < 0x400 or (base == "е" and mark == "\u0308")
