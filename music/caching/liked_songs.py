"""Tier 3: a listener's likes, in this process, checked for changes at every read."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from tunetrace_site.replication.unit import current_alias

from . import parts
from .keys import ALL_LISTENERS, listener_scope

LIFE_SECONDS = 300.0
"""An upper limit: entries are dropped as soon as their listener changes something."""

Likes = TypeVar("Likes")


def fetch(user_pk: int, load: Callable[[], Likes]) -> Likes:
    """Return the listener's likes as ``load`` last gave them, if nothing has changed since.

    ``load`` returns a value that nobody changes. Inside a transaction it is always called and the
    answer is not cached: it may hold rows that will be rolled back.
    """
    if transaction.get_connection(current_alias()).in_atomic_block:
        return load()
    entry = parts.likes.get(user_pk)
    if entry is not None:
        return entry.value
    if not parts.generations.is_shared:
        return load()
    parts.broadcast.listen()
    slots = parts.generations.find_slots((listener_scope(user_pk), ALL_LISTENERS))
    generation = parts.generations.read(slots)
    likes = load()
    parts.likes.set(
        user_pk,
        likes,
        fresh_seconds=LIFE_SECONDS,
        stale_seconds=0.0,
        slots=slots,
        generation=generation,
    )
    return likes


def invalidate(user_pk: int) -> None:
    """Invalidate the listener's likes in all processes. Call it after the commit."""
    parts.broadcast.tell(listener_scope(user_pk))
