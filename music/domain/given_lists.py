"""Suggestion lists as they are given to somebody, with all that they depend on.

Whoever keeps such a list can tell, without reading the request again, that it is still the answer.
"""

from dataclasses import dataclass, replace

from accounts.models import User
from music.caching import liked_songs, stack
from music.caching.keys import CacheKey
from music.records import SuggestionList

from . import index
from .impressions import record_impressions
from .listeners import NO_TASTE, Taste, load_taste


@dataclass(frozen=True, slots=True)
class Given:
    """A list, its key in the caches, and the index and the taste that it was made from.

    ``notices`` tell what was left out of this request; they stand before those of the list.
    """

    answer: SuggestionList
    key: CacheKey
    version: str
    taste: Taste
    notices: tuple[str, ...] = ()

    @property
    def shown(self) -> SuggestionList:
        """The list with all notices."""
        if not self.notices:
            return self.answer
        return replace(self.answer, notices=(*self.notices, *self.answer.notices))

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
