"""Tier 3: what a listener likes, in this process, and true to the database at every look."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from tunetrace_site.replication.unit import current_alias

from . import parts
from .keys import ALL_LISTENERS, listener_scope

LIFE_SECONDS = 300.0
"""A backstop: entries are dropped as soon as their listener changes something."""

Likes = TypeVar("Likes")


def fetch(user_pk: int, load: Callable[[], Likes]) -> Likes:
    """The listener's likes as ``load`` last gave them, if nothing has changed since.

    ``load`` returns a value that nobody changes. Inside a transaction it is always called and the
    answer is not kept: it may hold rows that will be rolled back.
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
    """Forget what is kept for the listener, in all processes. Call it after the commit."""
    parts.broadcast.tell(listener_scope(user_pk))
