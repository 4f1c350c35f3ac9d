"""All tiers together: reading through them, invalidating, and reporting.

A list is looked for in this process (``near``), then in the tier shared with others (``redis``, or
this machine's file while there is no Redis), and is computed where neither has it; it is then
stored in both, and in the machine's file beside Redis (``read_through.py``).
"""

import time
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tunetrace_site.machine import counters

from . import browsing, parts, queries, responses
from .keys import (
    ALL_LISTENERS,
    SUGGESTIONS,
    CacheKey,
    find_owner,
    listener_scope,
    row_scope,
    table_scope,
)
from .parts import suggestions
from .tiers import Tier, TierReport, report_tier

__all__ = [
    "erase_expired",
    "erase_listeners",
    "forget_everything",
    "invalidate_all",
    "invalidate_key",
    "invalidate_listener",
    "invalidate_person",
    "invalidate_rows",
    "report_tiers",
    "suggestions",
    "tiers",
]

LISTENER_TABLES = frozenset(
    {
        "music_userlikedsong",
        "music_dismissal",
        "music_playback",
        "music_matchcorrection",
        "music_steering",
        "music_videoreport",
    }
)
"""Tables of listeners' rows (with ``user_id``) on which their suggestions depend."""

PEOPLE_TABLES = frozenset({"accounts_user", "accounts_accesstoken", "accounts_servicekey"})
"""Tables of listeners and credentials (``listeners.py``)."""

tiers: tuple[Tier, ...] = (
    parts.redis,
    parts.machine,
    parts.near,
    parts.likes,
    parts.people,
    responses.tier,
    queries.tier,
)


def invalidate_listener(listener_pk: int) -> None:
    """Invalidate everything cached for one listener, in all processes. Call it after the commit."""
    parts.broadcast.tell(listener_scope(listener_pk))


def erase_listeners(listener_pks: Collection[int]) -> None:
    """Overwrite everything cached for deleted listeners: on this machine, in Redis, everywhere.

    A Redis that does not answer drops the lists when they expire.
    """
    for listener_pk in listener_pks:
        invalidate_listener(listener_pk)
    parts.machine.erase(lambda key, _ends_at: find_owner(key) in listener_pks)
    browsing.delete_lists_of_listeners(listener_pks)


def erase_expired() -> int:
    """Overwrite the expired lists in this machine's file; return how many there were."""
    return parts.machine.erase(lambda _key, ends_at: ends_at < time.time())


def invalidate_rows(table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Invalidate what depends on rows from another database; call it after they are committed.

    ``rows`` map column to value, of the new row, or of the old one where it was deleted; only
    ``user_id`` is read. A row without it invalidates the rows of all listeners. For the tables of
    people all rows are invalidated.
    """
    if table in PEOPLE_TABLES:
        parts.broadcast.tell(table_scope(table))
    if table not in LISTENER_TABLES:
        return
    for owner in {row.get("user_id") for row in rows}:
        parts.broadcast.tell(ALL_LISTENERS if owner is None else listener_scope(owner))


def invalidate_person(table: str, pk: int | None) -> None:
    """Invalidate a row of ``PEOPLE_TABLES``, or all of the table; call it after the commit."""
    parts.broadcast.tell(table_scope(table) if pk is None else row_scope(table, pk))


def invalidate_key(key: CacheKey) -> int | None:
    """Delete one suggestion list everywhere; return how many Redis held, None without an answer."""
    parts.broadcast.tell(str(key))
    return parts.redis.delete(key)


def invalidate_all() -> None:
    """Invalidate all lists, likes and people, in all processes; entries in Redis expire."""
    parts.broadcast.tell(SUGGESTIONS)
    parts.broadcast.tell(ALL_LISTENERS)


def report_tiers() -> list[TierReport]:
    """Return every tier's counts of this machine, tier 1 first."""
    totals = counters.read_totals()
    return [report_tier(tier, totals) for tier in tiers]


def forget_everything() -> None:
    """Empty the tiers of this process and open ``STATE_DIR`` again, for tests."""
    for tier in (parts.near, parts.likes, parts.people, responses.tier):
        tier.clear()
    counters.close()
    parts.open_files()
    parts.machine.clear()
