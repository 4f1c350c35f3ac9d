"""Words that are said alike however they are spelt: "billy" and "billie", "17" and "seventeen"."""

import re
from functools import lru_cache

_LANGUAGES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty",
    "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn "
    "funfzehn sechzehn siebzehn achtzehn neunzehn zwanzig",
    "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize",
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez - doce trece catorce quince",
    "zero uno due tre quattro cinque - sette otto nove dieci undici dodici tredici",
    "zero um dois tres quatro cinco seis sete oito nove dez",
)
"""Numbers from 0 on. Left out are words that mean something else in a language as common."""
_TENS = (
    (20, "twenty zwanzig vingt veinte venti vinte"),
    (30, "thirty dreissig trente treinta trenta trinta"),
    (40, "forty vierzig quarante cuarenta quaranta"),
    (50, "fifty funfzig cinquante cincuenta cinquanta"),
    (60, "sixty sechzig soixante sesenta sessanta"),
    (70, "seventy siebzig setenta settanta"),
    (80, "eighty achtzig ochenta ottanta oitenta"),
    (90, "ninety neunzig noventa novanta"),
    (100, "hundred hundert cent cien cento"),
    (1000, "thousand tausend mille mil"),
)
_GERMAN_UNITS = "ein zwei drei vier funf sechs sieben acht neun".split()
_LEAST_LETTERS = 3
_ENDING = re.compile(r"(?<=[a-z])(?:ie|ey|ee|y)$")


def _list_numbers() -> dict[str, str]:
    numbers: dict[str, str] = {}
    for words in _LANGUAGES:
        numbers |= {word: str(n) for n, word in enumerate(words.split())}
    for ten, words in _TENS:
        numbers |= {word: str(ten) for word in words.split()}
        if 20 <= ten < 100:
            german = words.split()[1]
            numbers |= {
                f"{unit}und{german}": str(ten + n) for n, unit in enumerate(_GERMAN_UNITS, 1)
            }
    del numbers["-"]
    return numbers | {"to": "2", "too": "2", "for": "4"}


_NUMBERS = _list_numbers()
_ENGLISH = {word: n for n, word in enumerate(_LANGUAGES[0].split())} | {
    words.split()[0]: ten for ten, words in _TENS
}
_SHORT = {
    "xmas": "christmas", "ez": "easy", "nite": "night", "thru": "through", "luv": "love",
    "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth",
    "und": "and", "et": "and", "och": "and", "og": "and",
}  # fmt: skip


@lru_cache(maxsize=65_536)
def spell_simply(word: str) -> str:
    """Return a spelling that words share that are said alike: ``"nick"`` -> ``"nik"``.

    Numbers become digits; letters that are written twice stand once, "ck" is k, "ph" f, and the
    sound of "y" at the end has one spelling.
    """
    if word in _NUMBERS:
        return _NUMBERS[word]
    word = _SHORT.get(word, word)
    if len(word) < _LEAST_LETTERS or not word.isascii() or not word.isalpha():
        return word
    simple = _ENDING.sub("i", word.replace("ck", "k").replace("ph", "f"))
    return merge_doubles(simple)


def merge_doubles(text: str) -> str:
    """Return ``text`` with one letter for several equal ones in a row; digits stay."""
    return "".join(
        char
        for place, char in enumerate(text)
        if not place or char != text[place - 1] or not char.isalpha()
    )


def is_spelt_freely(word: str) -> bool:
    """Return whether a word may be spelt with quite other letters: a number, or "xmas"."""
    return word in _NUMBERS or word in _SHORT


def write_numbers(key: str) -> str:
    """Return a key in which numbers of several English words are digits: ``"two thousand miles"``.

    That is ``"2000 miles"``; also ``"ninety nine problems"`` and ``"nineteen ninety nine"``.
    """
    parts: list[str] = []
    run: list[int] = []
    for word in [*key.split(), ""]:
        if word in _ENGLISH:
            run.append(_ENGLISH[word])
            continue
        parts += _join_numbers(run) if run else []
        run = []
        parts.append(word)
    return " ".join(parts).strip()


def _join_numbers(run: list[int]) -> list[str]:
    """Return a row of numbers as they are meant: 2, 1000 -> 2000; 19, 90, 9 -> 1999; 1, 2 stay."""
    joined: list[int] = []
    for number in run:
        last = joined[-1] if joined else 0
        if _adds_up(last, number):
            joined[-1] = last + number
        elif 0 < last < number and number in (100, 1000):
            joined[-1] = last * number
        elif 10 < last < 21 and number >= 20:
            joined[-1] = last * 100 + number
        else:
            joined.append(number)
    return [str(number) for number in joined]


def _adds_up(number: int, small: int) -> bool:
    """Return whether ``small`` goes on a number: 20 and 1, 300 and 45, but not 1 and 2."""
    if small < 10 and number >= 20 and number % 10 == 0:
        return small > 0
    return 0 < small < number and number >= 100 and number % 100 == 0
