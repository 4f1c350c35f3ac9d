"""The natural key of a song: what all spellings of its names share, fixed for ever."""

import hashlib

from .normalization import normalize_key

ADDRESS_MAX_LENGTH = 128
KEY_MAX_LENGTH = 255


def song_key(artist: str, title: str) -> tuple[str, str]:
    """The keys of an artist's and a song's name, such as ``("nirvana", "come as you are")``."""
    return _key(artist), _key(title)


def song_address(artist_key: str, title_key: str) -> str:
    """How a song is named in URLs and in the API: ``nirvana/come-as-you-are``."""
    whole = "/".join(key.replace(" ", "-") for key in (artist_key, title_key))
    if len(whole) <= ADDRESS_MAX_LENGTH:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:12]
    return f"{whole[: ADDRESS_MAX_LENGTH - len(digest) - 1]}-{digest}"


def _key(text: str) -> str:
    key = normalize_key(text)[:KEY_MAX_LENGTH].strip()
    return key or hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
