"""One spelling for equal texts, so that they can be compared and looked up."""

import re
import unicodedata

_NOT_WORD = re.compile(r"[^\w]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")


def clean_text(text: str) -> str:
    """``text`` in NFC without control or invisible characters, with single spaces."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join(_CONTROL.sub(" ", composed).split())


def normalize_key(text: str) -> str:
    """The key under which equal texts meet: case, accents, punctuation and spacing set aside.

    Accents are dropped from Latin and Greek letters, and from Cyrillic ё: in other scripts, as in
    й and ї, the marks make other letters. ``"Beyoncé — Halo!"`` -> ``"beyonce halo"``; a text of only punctuation -> ``""``.
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ")
    folded = folded.replace("'", "").replace("’", "")
    return " ".join(_NOT_WORD.sub(" ", _drop_accents(folded)).replace("_", " ").split())


def _drop_accents(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    base = ""
    for char in unicodedata.normalize("NFD", text):
        is_accent = unicodedata.combining(char) and base
        if is_accent and (ord(base) < 0x400 or (base, char) == ("е", "\u0308")):
            continue
        if not unicodedata.combining(char):
            base = char
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept))
