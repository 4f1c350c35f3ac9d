"""How well songs serve the words on a search page: parts of names, begun or mistyped."""

from collections.abc import Sequence
from itertools import chain

from .matching import SURE, Candidate, rate
from .mistyping import rate_words_alike
from .song_names import SongName
from .words import split_key


def rate_mention(name: SongName, candidate: Candidate) -> float:
    """Return how well ``candidate`` serves a search for ``name``, in [0, 2].

    That is the share of the words that occur in the artist or title, whole, begun or mistyped, and
    more when they name the song (``rate``) and not only its artist.
    """
    said = split_key(name.key)
    if not said.total:
        return 0.0
    texts = [split_key(text).texts for text in (*candidate.artists, *candidate.titles)]
    mentioned = 0.0
    for word, weight in zip(said.texts, said.weights, strict=True):
        mentioned += weight * _rate_begun(word, texts)
    sure = rate(name, candidate, at_least=SURE)
    return round(mentioned / said.total, 2) + (round(sure, 1) if sure >= SURE else 0.0)


def rate_name_alike(key: str, other: str) -> float:
    """Return how likely one name is the other, mistyped at most, in [0, 1].

    An article does not count, nor an s of the genitive ("roy orbisons").
    """
    words, others = key.removeprefix("the ").split(), other.removeprefix("the ").split()
    if len(words) != len(others) or not words:
        return 0.0
    if words == others:
        return 1.0
    if words[-1].endswith("s") and [*words[:-1], words[-1][:-1]] == others:
        return 0.97
    pairs = zip(words, others, strict=True)
    return min(1.0 if word == other else rate_words_alike(word, other) for word, other in pairs)


def _rate_begun(word: str, texts: Sequence[Sequence[str]]) -> float:
    """Return how well a word is among those of ``texts``, whole, begun or mistyped."""
    for words in texts:
        if word in words:
            return 1.0
    best = 0.0
    for other in chain.from_iterable(texts):
        if len(word) > 1 and other.startswith(word):
            best = max(best, 0.95)
        else:
            best = max(best, rate_words_alike(word, other))
    return best
