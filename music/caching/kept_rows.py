"""Tier 3: what rows say, kept in this process and true to the database at every look.

Whether something has changed since is told by this machine's numbers. Machines without SQLite have
no relay that tells them of each other's rows, and a message of Redis may be late: there the numbers
in Redis are asked at every look, and without an answer nothing is kept nor served.
"""

from collections.abc import Callable, Hashable
from typing import TypeVar

from django.db import transaction

from tunetrace_site.replication.databases import has_sqlite
from tunetrace_site.replication.unit import current_alias

from . import parts
from .near import NearTier

LIFE_SECONDS = 300.0
"""A backstop: entries are dropped as soon as something in them changes."""

Value = TypeVar("Value")


def fetch(
    tier: NearTier, key: Hashable, scopes: tuple[str, ...], load: Callable[[], Value]
) -> tuple[Value, bool]:
    """What ``tier`` keeps for ``key`` or ``load`` answers, and whether it is kept.

    ``None`` is not kept, nor what is loaded inside a transaction, which may yet undo it.
    """
    if transaction.get_connection(current_alias()).in_atomic_block:
        return load(), False
    elsewhere = "" if has_sqlite() else parts.redis.read_generation(scopes)
    if elsewhere is None:
        return load(), False
    entry = tier.get(key)
    if entry is not None and entry.value[0] == elsewhere:
        return entry.value[1], True
    if not parts.generations.is_shared:
        return load(), False
    parts.broadcast.listen()
    slots = parts.generations.find_slots(scopes)
    generation = parts.generations.read(slots)
    value = load()
    if value is None:
        return value, False
    tier.set(
        key,
        (elsewhere, value),
        fresh_seconds=LIFE_SECONDS,
        stale_seconds=0.0,
        slots=slots,
        generation=generation,
    )
    return value, True
