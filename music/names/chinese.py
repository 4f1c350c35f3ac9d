"""Chinese in simplified signs, in which traditional ones can be compared with them."""

from functools import lru_cache

from opencc import OpenCC

from .normalization import REMEMBERED_TEXTS, is_latin


@lru_cache(maxsize=1)
def _load_converter() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=REMEMBERED_TEXTS)
def simplify(text: str) -> str:
    """Return ``text`` with simplified signs for traditional ones: ``"簡單愛"`` -> ``"简单爱"``.

    Signs that Japanese shares with traditional Chinese are replaced too, so what comes out is only
    to be compared with texts that were simplified as well.
    """
    return text if is_latin(text) else _load_converter().convert(text)
