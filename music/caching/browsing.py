"""Shows the contents of Redis to operators: pages of keys by SCAN, one value, deletions."""

import json
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, cast

from redis import Redis

from . import encoding, parts
from .keys import SUGGESTIONS, CacheKey, find_owner, listener_pattern
from .tiers import estimate_bytes

PAGE_KEYS = 100
SCAN_KEYS = 500
"""Keys that one SCAN examines: about 0.2 ms of the server's time."""
MAX_SCANS_A_PAGE = 40
ALL_PATTERN = f"{SUGGESTIONS}:*"
_GLOB = re.compile(r"([*?\[\]\\^])")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key in Redis: ``ttl_seconds`` is None for one without expiry, ``n_bytes`` of its value."""

    key: str
    ttl_seconds: float | None
    n_bytes: int


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Some keys, and the cursor of the next page; ``next_cursor`` 0 means the last one."""

    rows: tuple[KeyRow, ...]
    next_cursor: int


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A decoded entry; ``text`` is indented JSON, or the raw bytes where it is not JSON."""

    row: KeyRow
    text: str
    is_valid: bool


def search_pattern(text: str) -> str:
    """Return the SCAN pattern of the suggestion lists whose key contains ``text``."""
    escaped = _GLOB.sub(r"\\\1", text.strip().removeprefix(f"{SUGGESTIONS}:"))
    return f"{SUGGESTIONS}:*{escaped}*" if escaped else ALL_PATTERN


def list_keys(pattern: str, cursor: int = 0) -> KeyPage | None:
    """Return about 100 keys that match, from ``cursor`` on; None when Redis does not answer."""
    found: list[bytes] = []
    for _ in range(MAX_SCANS_A_PAGE):
        answer = _scan(pattern, cursor)
        if answer is None:
            return None
        cursor, keys = answer
        found += keys
        if cursor == 0 or len(found) >= PAGE_KEYS:
            break
    rows = parts.client.call(lambda redis: _measure(redis, sorted(set(found))))
    return None if rows is None else KeyPage(tuple(rows), cursor)


def list_near_keys(pattern: str) -> KeyPage:
    """Return matching keys in the near tier of this process, which needs no Redis."""
    held = [key for key in parts.near.list_keys() if fnmatchcase(key, pattern)]
    rows = [_measure_near(key) for key in held[-PAGE_KEYS:]]
    return KeyPage(tuple(row for row in rows if row is not None), 0)


def find_value(key: CacheKey) -> KeyValue | None:
    """Return the value of ``key`` in Redis, else in this process; None if neither has it."""
    stored = parts.client.call(lambda redis: cast(bytes | None, redis.get(key)))
    rows = parts.client.call(lambda redis: _measure(redis, [key.encode()]))
    if stored is None or not rows:
        return _find_near_value(key)
    try:
        value: Any = encoding.load(stored)
        encoding.decode(value)
        return KeyValue(rows[0], json.dumps(value, indent=2, ensure_ascii=False), is_valid=True)
    except (ValueError, TypeError, KeyError):
        return KeyValue(rows[0], stored.decode("utf-8", "backslashreplace"), is_valid=False)


def delete_lists_of_listener(listener_pk: int) -> int | None:
    """Delete a listener's lists from Redis; return how many, None when Redis does not answer."""
    return _delete_matching(listener_pattern(listener_pk))


def delete_lists_of_listeners(listener_pks: Collection[int]) -> int | None:
    """Delete the lists of several listeners from Redis, in one pass over its keys."""
    if len(listener_pks) == 1:
        return delete_lists_of_listener(*listener_pks)
    return _delete_matching(ALL_PATTERN, lambda key: find_owner(key.decode()) in listener_pks)


def delete_all_lists() -> int | None:
    """Delete all lists from Redis; return how many, or None when Redis does not answer."""
    return _delete_matching(ALL_PATTERN)


def _delete_matching(
    pattern: str, is_to_go: Callable[[bytes], bool] = lambda _key: True
) -> int | None:
    n_deleted, cursor = 0, 0
    while True:
        answer = _scan(pattern, cursor)
        if answer is None:
            return None
        cursor, found = answer
        if keys := [key for key in found if is_to_go(key)]:
            n_deleted += parts.redis.delete(*keys) or 0
        if cursor == 0:
            return n_deleted


def _scan(pattern: str, cursor: int) -> tuple[int, list[bytes]] | None:
    return parts.client.call(
        lambda redis: cast(
            tuple[int, list[bytes]], redis.scan(cursor=cursor, match=pattern, count=SCAN_KEYS)
        )
    )


def _find_near_value(key: CacheKey) -> KeyValue | None:
    entry, row = parts.near.peek(key), _measure_near(key)
    if entry is None or row is None:
        return None
    text = json.dumps(encoding.encode(entry.value), indent=2, ensure_ascii=False)
    return KeyValue(row, text, is_valid=True)


def _measure_near(key: str) -> KeyRow | None:
    entry = parts.near.peek(key)
    if entry is None:
        return None
    life = max(0.0, entry.expires_at - time.monotonic())
    return KeyRow(str(key), life, estimate_bytes(entry.value))


def _measure(redis: Redis, keys: list[bytes]) -> list[KeyRow]:
    with redis.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.pttl(key)
            pipeline.strlen(key)
        answers = pipeline.execute(raise_on_error=False)
    return [
        KeyRow(
            key=key.decode("utf-8", "backslashreplace"),
            ttl_seconds=life / 1000 if life >= 0 else None,
            n_bytes=length if isinstance(length, int) else 0,
        )
        for key, life, length in zip(keys, answers[::2], answers[1::2], strict=True)
        if life != _GONE
    ]


_GONE = -2
