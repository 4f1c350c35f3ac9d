"""Titles of songs of films and of classical works, which name more than an artist and a song."""

import re

from .decoration import join_segment
from .normalization import name_key, normalize_key
from .roles import Roles
from .separators import BAR, COLON, split_outside
from .words import says_something

_MANY_CREDITED = 2
"""From this many names behind bars on they are a film's credits."""
_MAX_NAME_WORDS = 3
_THEME = re.compile(r"\w\W+(?:main |opening |title |love )?(?:theme|titles?)(?: song)?\W*$", re.I)


def split_work(segments: list[str], roles: Roles) -> list[str]:
    """Split ``Composer: Work - Movement``, where the composer is known; else return []."""
    parts = split_outside(COLON, segments[0])
    is_told = len(parts) == 2 and name_key(parts[1]) and roles.is_artist(parts[0])
    if not is_told or roles.is_artist(segments[-1]):
        return []
    return [parts[0], " - ".join((parts[1], *segments[1:]))]


def split_film(segments: list[str], roles: Roles) -> list[str]:
    """Split ``Song - Film | Actors | Composer | Singer``, where one of them is known; else []."""
    others = split_outside(BAR, segments[1])[1:]
    is_film = len(segments) == 2 and len(others) >= _MANY_CREDITED
    if not is_film or roles.has_artist(segments[0]):
        return []
    singer = next(filter(roles.has_artist, others), None)
    return [singer, segments[0]] if singer else []


def is_theme_by(first: str, second: str) -> bool:
    """Return whether the first segment is a film's music, and the second a name of few words."""
    name = normalize_key(second).split()
    is_name = 1 < len(name) <= _MAX_NAME_WORDS and not says_something(" ".join(name))
    return is_name and _THEME.search(join_segment(first)) is not None
