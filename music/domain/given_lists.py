"""Suggestion lists that were given lately, with all that they depend on.

Whoever keeps such a list can tell, without reading the request again, that it is still the answer.
"""

from dataclasses import dataclass
from threading import Lock

from cachetools import LRUCache

from accounts.models import User
from music.caching import liked_songs, stack
from music.caching.keys import CacheKey
from music.records import SuggestionList

from . import index
from .impressions import record_impressions
from .listeners import NO_TASTE, Taste, load_taste

MAX_GIVEN = 512


@dataclass(frozen=True, slots=True)
class Given:
    """A list, its key in the caches, and the index and the taste that it was made from."""

    answer: SuggestionList
    key: CacheKey
    version: str
    taste: Taste

    def is_still_right(self, listener: User | None) -> bool:
        """Return whether the same request of the same listener has this very list now.

        It is then counted as a hit of the cache in process.
        """
        if index.get_version() != self.version:
            return False
        taste = NO_TASTE if listener is None else load_taste(listener)
        return taste is self.taste and stack.suggestions.still_has(self.key, self.answer)

    def may_be_right_again(self, listener: User | None) -> bool:
        """Return whether the listener's taste is one that is kept, unlike that with new likes."""
        return listener is None or liked_songs.holds(listener.pk, self.taste)

    def record_impressions(self, listener: User | None) -> None:
        """Record that the listener is shown the list, once."""
        if listener is not None:
            record_impressions(
                listener=listener, list_key=self.key.digest, suggestions=self.answer.suggestions
            )


_given: LRUCache[int, Given] = LRUCache(MAX_GIVEN)
_lock = Lock()


def note_given(given: Given) -> None:
    """Remember how a list came about."""
    with _lock:
        # By identity; the list is kept, so that no other object gets the same.
        _given[id(given.answer)] = given


def find_given(answer: SuggestionList) -> Given | None:
    """Return how this very list came about; None where it was changed since, or long ago."""
    with _lock:
        given = _given.get(id(answer))
    return given if given is not None and given.answer is answer else None
