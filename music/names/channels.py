"""What the name of a channel says: whose it is, and whether it shows other artists' songs."""

import re
from functools import lru_cache

from .normalization import MAX_KEY_LENGTH, clean_text, normalize_key

TOPIC = " - Topic"
"""The end of the name of a channel that YouTube fills with an artist's releases."""

_VEVO = "vevo"
_SUFFIX = re.compile(
    r"(?<!\s)(?:\s++-\s++topic|\s*+vevo|\s*+(?:[-–|]\s*+)?+official(?:\s++(?:channel|"
    r"youtube channel|artist channel|music))?|\s++(?:oficial|officiel|tv|channel|music|musik|"
    r"online|archive))$",
    re.IGNORECASE,
)
_SHOWS_OTHERS = re.compile(
    r"\b(?:lyrics?|letras?|karaoke|records?|recordings|label|entertainment|tv|television|radio|fm|"
    r"channel|movies?|films?|pictures|studios?|clips?|hits|charts?|playlist|nation|sounds?|vibes?|"
    r"covers?|official music|music group|productions?|media|network|worldwide|videos?|netflix|"
    r"disney\w*|1thek|stone music|hybe labels|smtown|jyp|ygent\w*|t-series|zee music\w*|ultra)\b",
    re.IGNORECASE,
)
_OF_NOBODY = frozenset("lyrics letras karaoke charts hits movies netflix smtown 1thek".split())
_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")


def is_topic(channel_title: str) -> bool:
    """Return whether YouTube generates the channel, whose video titles are just song names."""
    return channel_title.strip().casefold().endswith(TOPIC.casefold())


def is_artists_own(channel_title: str) -> bool:
    """Return whether only artists' own channels have such names: "ABBA - Topic", "ABBAVEVO"."""
    return is_topic(channel_title) or channel_title.strip().casefold().endswith(_VEVO)


def is_topic_of(channel_title: str, artist: str) -> bool:
    """Return whether a channel of this title is the topic channel of ``artist``."""
    return normalize_key(channel_title) == normalize_key(f"{artist}{TOPIC}")


@lru_cache(maxsize=4096)
def clean_channel(channel_title: str) -> str:
    """Return the artist in a channel's name, such as ``"ArianaGrandeVevo"`` or ``"ABBA - Topic"``.

    A topic channel's name contains the artist's name unchanged: ``"The Band - Topic"`` is The
    Band's.
    """
    name = clean_text(channel_title[:MAX_KEY_LENGTH])[:MAX_KEY_LENGTH]
    if is_topic(name):
        return name[: -len(TOPIC)].strip()
    glued = name.lower().endswith(_VEVO) and " " not in name
    if glued:
        return _CAMEL.sub(" ", name[: -len(_VEVO)])
    while (shorter := _SUFFIX.sub("", name)) != name and shorter.strip():
        name = shorter
    return name.strip()


@lru_cache(maxsize=4096)
def shows_others(channel_title: str) -> bool:
    """Return whether a channel shows other artists' songs: its name says nothing about the singer.

    One word alone may be a band's name: Television.
    """
    key = normalize_key(channel_title)
    if is_artists_own(channel_title) or (" " not in key and key not in _OF_NOBODY):
        return False
    return bool(_SHOWS_OTHERS.search(channel_title))
