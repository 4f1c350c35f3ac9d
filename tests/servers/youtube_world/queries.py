"""What the q parameter of a search asks for: words, phrases in quotes, and the two operators.

Google documents OR (``boating|sailing``) and NOT (``-fishing``) for ``search.list``, and quotes
around a phrase for the version of the API before it.
"""

import re
import unicodedata
from dataclasses import dataclass

_PHRASE = r"(?:\"[^\"]*\"|[^\s|\"]+)"
_TERM = re.compile(rf"(?P<not>-(?=[\w\"]))?(?P<phrases>{_PHRASE}(?:\|{_PHRASE})*)")


@dataclass(frozen=True, slots=True)
class Term:
    """Phrases, of which a video must have one to match; or must have none, if they are excluded.

    A phrase is one word or several that follow each other.
    """

    phrases: tuple[tuple[str, ...], ...]
    is_excluded: bool = False


def parse_query(query: str) -> list[Term]:
    """Return the terms of a query; words without quotes or operators are one term each."""
    terms: list[Term] = []
    for match in _TERM.finditer(query):
        text, is_excluded = match["phrases"], match["not"] is not None
        phrases = [tuple(split_words(phrase)) for phrase in re.findall(_PHRASE, text)]
        if len(phrases) == 1 and not text.startswith('"'):
            terms += [Term(((word,),), is_excluded) for word in phrases[0]]
        elif any(phrases):
            terms.append(Term(tuple(filter(None, phrases)), is_excluded))
    return terms


def split_words(text: str) -> list[str]:
    """Lower-case words without accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def has_phrase(phrase: tuple[str, ...], text: str) -> bool:
    """Whether the words of ``phrase`` follow each other in ``text``."""
    words, n = split_words(text), len(phrase)
    return any(tuple(words[i : i + n]) == phrase for i in range(len(words) - n + 1))
