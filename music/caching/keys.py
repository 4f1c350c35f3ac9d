"""Every cache key and every scope of change; nobody else builds one.

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

_ANY_GENRE = frozenset({"", "any"})
_NAME = re.compile(r"(?:[0-9]{1,20}-)?[0-9a-f]{40}")
_FORMAT = 3
"""Raise when the stored form of an answer changes: older entries are then never found."""


class CacheKey(str):
    """The text under which an answer is kept, and the scopes whose change makes it worthless."""

    __slots__ = ("digest", "scopes")
    digest: str
    scopes: tuple[str, ...]


def listener_scope(listener_pk: int) -> str:
    """The scope of everything cached for one listener."""
    return f"listener:{listener_pk}"


def table_scope(table: str) -> str:
    """The scope of everything that is kept of the rows of a table, such as ``accounts_user``."""
    return f"table:{table}"


def row_scope(table: str, pk: int) -> str:
    """The scope of what is kept of one row of a table."""
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
    """The key of a suggestion list: a digest of everything that the list depends on.

    ``seeds`` are song names as typed, ``text`` is a free description, ``without`` what its reading
    leaves out; ``taste`` is the digest of likes, dismissals and plays (``taste_digest``);
    ``filters`` say what songs must be like. Case, spacing and Unicode form of texts and order and
    repetition of seeds, ids and genres make no difference. A listener's lists can be deleted.
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
    """What a listener's stored words and deeds come to, whatever order they are read in.

    ``likes`` are (song name, song or ``None``, learn); ``feedback`` is (kind, song, POSIX
    seconds) of dismissals, plays and skips.
    """
    folded_likes = {(fold_text(name), song_id or "", learn) for name, song_id, learn in likes}
    return _digest([sorted(folded_likes), sorted(set(feedback))])


def listener_pattern(listener_pk: int) -> str:
    """The SCAN pattern of all suggestion lists of one listener."""
    return f"{SUGGESTIONS}:{listener_pk}-*"


def find_owner(key: str) -> int | None:
    """The primary key of the listener for whom a suggestion list was made, if for one."""
    owner, dash, _ = key.removeprefix(f"{SUGGESTIONS}:").partition("-")
    return int(owner) if dash and owner.isdecimal() else None


def response_key(method: str, **parameters: object) -> str:
    """The key of a gateway answer: the call's name and a digest of its parameters."""
    return f"{method}:{_digest(parameters)}"


def parse_suggestions_key(text: str) -> CacheKey | None:
    """The key whose text was read back from Redis; ``None`` when it is not one of ours."""
    prefix, colon, name = text.partition(":")
    is_ours = prefix == SUGGESTIONS and colon and _NAME.fullmatch(name)
    return _suggestions_entry(name) if is_ours else None


def make_redis_key(key: str, prefix: str, version: int) -> str:
    """``key`` itself: every key of this module already begins with what it is of."""
    return key


@lru_cache(maxsize=REMEMBERED_TEXTS)
def fold_text(text: str) -> str:
    """``text`` without its case, spacing and Unicode form; accents and punctuation stay.

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
    # JSON with ASCII escapes is one text for one value, also for lone surrogates.
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode("ascii"), digest_size=20).hexdigest()
