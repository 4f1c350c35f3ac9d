"""Tier 3: a listener's likes, in this process, checked for changes at every read."""

from collections.abc import Callable
from typing import TypeVar

from . import kept_rows, parts
from .keys import ALL_LISTENERS, listener_scope

Likes = TypeVar("Likes")


def fetch(user_pk: int, load: Callable[[], Likes]) -> Likes:
    """Return the listener's likes as ``load`` last gave them, if nothing has changed since.

    ``load`` returns a value that nobody changes. Inside a transaction it is always called and the
    answer is not cached: it may hold rows that will be rolled back.
    """
    scopes = (listener_scope(user_pk), ALL_LISTENERS)
    return kept_rows.fetch(parts.likes, user_pk, scopes, load)[0]


def holds(user_pk: int, likes: object) -> bool:
    """Return whether the value kept for the listener is this very one, valid or not."""
    entry = parts.likes.peek(user_pk)
    return entry is not None and entry.value[1] is likes


def invalidate(user_pk: int) -> None:
    """Invalidate the listener's likes in all processes. Call it after the commit."""
    parts.broadcast.tell(listener_scope(user_pk))
