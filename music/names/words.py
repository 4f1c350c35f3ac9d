"""The words of names: in their common spelling, and how much each tells of a song."""

from functools import lru_cache

_LITTLE = 0.3
_NOTHING = 0.05
_LITTLE_WORDS = frozenset(
    "a an and are as at be by da das de del der des di die do du e ein eine el en et for from i il "
    "im in is it its la le les los me mein my na no o of on or que s so t te that the this to tu u "
    "un una und une was we what with y you your".split()
)
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


def weigh(word: str) -> float:
    """How much a word says, from almost nothing ("official") over little ("the") to 1."""
    if word in _IGNORED_WORDS:
        return _NOTHING
    return _LITTLE if word in _LITTLE_WORDS or word in _SPELLINGS else 1.0
