"""Every cache key and every scope of change is built here and nowhere else.

A key never contains text of a listener: only digests, and primary keys, which are digests too.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from music.names.normalization import REMEMBERED_TEXTS, clean_text

SUGGESTIONS = "suggestions"
"""Prefix of the keys of suggestion lists, and the scope that all of them share."""

ALL_LISTENERS = "listeners"
"""The scope that the entries of every listener share."""

_LISTENER = "listener:"
_ANY_GENRE = frozenset({"", "any"})
_NAME = re.compile(r"(?:[0-9]{1,20}-)?[0-9a-f]{40}")
_FORMAT = 3
"""Increase when the stored form of an answer changes: older entries are then never found."""


class CacheKey(str):
    """The key of a cached answer, and the scopes whose change invalidates it."""

    __slots__ = ("digest", "scopes")
    digest: str
    scopes: tuple[str, ...]


def listener_scope(listener_pk: int) -> str:
    """Return the scope of everything cached for one listener."""
    return f"{_LISTENER}{listener_pk}"


def is_listener_scope(scope: str) -> bool:
    """Return whether a scope is that of one listener."""
    return scope.startswith(_LISTENER)


def writer_key(caller: str) -> str:
    """Return the key in Redis that says that a caller has written lately (``write_notes.py``)."""
    return f"writer:{caller}"


def table_scope(table: str) -> str:
    """Return the scope of everything cached from the rows of a table, such as ``accounts_user``."""
    return f"table:{table}"


def row_scope(table: str, pk: int) -> str:
    """Return the scope of everything cached from one row of a table."""
    return f"row:{table}:{pk}"


def suggestions_key(
    *,
    seeds: Iterable[str] = (),
    song_ids: Iterable[str] = (),
    text: str = "",
    without: Iterable[str] = (),
    taste: str = "",
    genres: Iterable[str] = (),
    limit: int = 10,
    adventurousness: float = 0.5,
    source: str = "",
    filters: Iterable[str] = (),
    index_version: str = "",
    listener_pk: int | None = None,
) -> CacheKey:
    """Return the key of a suggestion list: a digest of everything that the list depends on.

    ``seeds`` are song names as typed, ``text`` is a free description, ``without`` the facets that
    its reading leaves out; ``taste`` is a ``taste_digest``; ``filters`` are conditions on the
    songs. Case, spacing and Unicode form of texts and order and repetition of seeds, ids and genres
    make no difference. The key names the listener, so that their lists can be deleted.
    """
    digest = _digest(
        [
            _FORMAT,
            sorted({fold_text(name) for name in seeds}),
            sorted(set(song_ids)),
            fold_text(text),
            sorted(set(without)),
            taste,
            sorted({fold_text(genre) for genre in genres} - _ANY_GENRE),
            limit,
            repr(float(adventurousness)),
            source,
            list(filters),
            index_version,
            str(listener_pk),
        ]
    )
    return _suggestions_entry(digest if listener_pk is None else f"{listener_pk}-{digest}")


def taste_digest(
    *,
    likes: Iterable[tuple[str, str | None, bool]] = (),
    feedback: Iterable[tuple[str, str, float]] = (),
) -> str:
    """Return a digest of a listener's stored feedback, independent of its order.

    ``likes`` are (song name, song or ``None``, learn); ``feedback`` is (kind, song, POSIX seconds)
    of dismissals, plays and skips.
    """
    folded_likes = {(fold_text(name), song_id or "", learn) for name, song_id, learn in likes}
    return _digest([sorted(folded_likes), sorted(set(feedback))])


def listener_pattern(listener_pk: int) -> str:
    """Return the SCAN pattern of all suggestion lists of one listener."""
    return f"{SUGGESTIONS}:{listener_pk}-*"


def find_owner(key: str) -> int | None:
    """Return the primary key of the listener for whom a suggestion list was made, or None."""
    owner, dash, _ = key.removeprefix(f"{SUGGESTIONS}:").partition("-")
    return int(owner) if dash and owner.isdecimal() else None


def response_key(method: str, **parameters: object) -> str:
    """Return the key of a gateway answer: the call's name and a digest of its parameters."""
    return f"{method}:{_digest(parameters)}"


def parse_suggestions_key(text: str) -> CacheKey | None:
    """Return the key with this text, read back from Redis; None if it is not one of ours."""
    prefix, colon, name = text.partition(":")
    is_ours = prefix == SUGGESTIONS and colon and _NAME.fullmatch(name)
    return _suggestions_entry(name) if is_ours else None


def make_redis_key(key: str, prefix: str, version: int) -> str:
    """Return ``key`` itself: every key of this module already begins with its namespace."""
    return key


@lru_cache(maxsize=REMEMBERED_TEXTS)
def fold_text(text: str) -> str:
    """Return ``text`` without differences of case, spacing and Unicode form.

    Accents and punctuation stay.

    >>> fold_text("  COME as ｙｏｕ Are ") == "come as you are"
    True
    """
    folded = unicodedata.normalize("NFKC", clean_text(text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _suggestions_entry(name: str) -> CacheKey:
    owner, dash, digest = name.rpartition("-")
    key = CacheKey(f"{SUGGESTIONS}:{name}")
    key.digest = digest
    key.scopes = (str(key), SUGGESTIONS, *([listener_scope(int(owner))] if dash else []))
    return key


def _digest(facts: object) -> str:
    # With ASCII escapes, JSON has one text per value, also for lone surrogates.
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode("ascii"), digest_size=20).hexdigest()
