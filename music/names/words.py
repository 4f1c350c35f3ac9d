"""The words of names: in their common spelling, and how much each tells of a song."""

from functools import lru_cache

_LITTLE = 0.3
_CARRYING = 0.8
_NOTHING = 0.05
_LITTLE_WORDS = frozenset(
    "a an and are as at be by da das de del der des di die do du e ein eine el en et for from i il "
    "im in is it its la le les los me mein my na no o of on or que s so t te that the this to tu u "
    "un una und une was we what with y you your".split()
)
_ARTICLES = frozenset(
    "a an the der die das den ein eine el la los las le les un una une il lo i gli o os as".split()
) - {"i"}
_IGNORED_WORDS = frozenset(
    "audio by clip feat featuring ft hd hq karaoke lyric lyrics mv official remastered remaster "
    "song songs version video vevo youtube music prod".split()
)
_SPELLINGS = {
    "u": "you", "ur": "your", "r": "are", "n": "and", "luv": "love", "nite": "night",
    "thru": "through", "tonite": "tonight", "cuz": "cause", "coz": "cause", "tha": "the",
    "da": "the", "wit": "with", "y": "why", "b": "be", "ya": "you", "vs": "versus",
    "pt": "part", "st": "saint", "mr": "mister", "dr": "doctor", "ok": "okay",
}  # fmt: skip


@lru_cache(maxsize=4096)
def split_key(key: str) -> tuple[tuple[str, float], ...]:
    """The words of a key in their common spelling, with how much each says."""
    return tuple((_SPELLINGS.get(word, word), weigh(word)) for word in key.split())


@lru_cache(maxsize=4096)
def split_title(key: str) -> tuple[tuple[str, float], ...]:
    """The same where no artist is said: then little words tell titles from each other.

    "Want to Want Me" is not "I Want You to Want Me".
    """
    return tuple((word, _CARRYING if _carries(word, n) else n) for word, n in split_key(key))


def _carries(word: str, weight: float) -> bool:
    return weight == _LITTLE and word not in _ARTICLES


def weigh(word: str) -> float:
    """How much a word says, from almost nothing ("official") over little ("the") to 1."""
    if word in _IGNORED_WORDS:
        return _NOTHING
    return _LITTLE if word in _LITTLE_WORDS or word in _SPELLINGS else 1.0
