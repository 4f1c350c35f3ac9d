"""Tier 3: values read from rows, kept in this process and checked for changes at every read.

This machine's generations tell whether something has changed since. Machines without SQLite have no
relay that reports each other's rows, and a message of Redis may be late: there the generations in
Redis are read every time, and without an answer nothing is stored or served.
"""

from collections.abc import Callable, Hashable
from typing import TypeVar

from django.db import transaction

from tunetrace_site.replication.databases import has_sqlite
from tunetrace_site.replication.replica_reads import on_primary
from tunetrace_site.replication.unit import current_alias

from . import parts
from .near import NearTier

LIFE_SECONDS = 300.0
"""A backstop: entries are dropped as soon as something in them changes."""

Value = TypeVar("Value")


def fetch(
    tier: NearTier, key: Hashable, scopes: tuple[str, ...], load: Callable[[], Value]
) -> tuple[Value, bool]:
    """Return the value of ``key`` in ``tier``, or of ``load``, and whether it is cached.

    ``None`` is not cached, nor a value loaded inside a transaction, which may yet undo it.
    """
    with on_primary():  # a change that was told already may not have reached a replica
        return _fetch(tier, key, scopes, load)


def _fetch(
    tier: NearTier, key: Hashable, scopes: tuple[str, ...], load: Callable[[], Value]
) -> tuple[Value, bool]:
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
