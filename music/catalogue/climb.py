"""The state of one climb up the ladder: pending names, and the answers found so far."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from music.names.song_names import SongName
from music.records import Resolution

UNRESOLVED = "unresolved"
MAX_ALTERNATIVES = 10
MAX_SEARCHES = 10
"""The most searches, of a hundred a day, for one call by a listener; background jobs have no such
limit."""


@dataclass(frozen=True, slots=True)
class Searched:
    """The results of a search at YouTube: ids, best first, and those that decide the answer."""

    video_ids: tuple[str, ...]
    first_ids: tuple[str, ...]


class Climb:
    """The state that the rungs share during one call of ``resolve``, by normalised name.

    ``pending`` are the names without a sure answer yet; ``vain`` those that YouTube was searched
    for without success not long ago, ``known`` those whose song is in the bundled catalogue, but
    has no video yet: neither is searched for. ``asked`` are names that somebody asked for when too
    few searches were left, ``put_off`` those that this climb leaves for that reason. ``rejected``
    are the songs (addresses) and videos (ids) that the listener said a name does not mean, and that
    no rung may answer. ``leases`` are rights to ask YouTube that are held to the end of the climb;
    ``searched`` holds the results of searches, None where no answer came. ``fallback_artists`` are
    the keys of the artists of songs that names surely mean and that are not heard on any stored
    video. Without ``wants_alternatives``, a name beyond doubt may be answered without alternatives.
    """

    def __init__(
        self,
        names: Mapping[str, SongName],
        listener_id: int | None,
        caller: str,
        wants_alternatives: bool = True,
    ) -> None:
        self.pending: dict[str, SongName] = dict(names)
        self.vain: set[str] = set()
        self.asked: set[str] = set()
        self.put_off: set[str] = set()
        self.known: set[str] = set()
        self.rejected: dict[str, frozenset[str]] = {}
        self.listener_id = listener_id
        self.caller = caller
        self.wants_alternatives = wants_alternatives
        self.leases = ExitStack()
        self.searched: dict[str, Searched | None] = {}
        self.fallback_artists: dict[str, str] = {}
        self._found: dict[str, Resolution] = {}
        self._guesses: dict[str, tuple[str, ...]] = {}
        self._fallbacks: dict[str, tuple[str, float]] = {}

    def settle(
        self,
        key: str,
        song_id: str | None,
        *,
        confidence: float,
        rung: str,
        video_id: str | None = None,
        alternatives: Iterable[str] = (),
    ) -> None:
        """Answer ``key`` with a song, and with the take that the name asks for, if any.

        Does nothing when the listener rejected either. ``song_id`` is None for a video without a
        song.
        """
        if {song_id, video_id} & self.rejected.get(key, frozenset()):
            return
        self.pending.pop(key, None)
        others = self.allow(key, (*alternatives, *self._guesses.get(key, ())))
        self._found[key] = Resolution(
            query=key,
            song_id=song_id,
            video_id=video_id,
            confidence=round(confidence, 4),
            rung=rung,
            alternatives=tuple(i for i in others if i != song_id)[:MAX_ALTERNATIVES],
        )

    def offer(self, key: str, ids: Iterable[str]) -> None:
        """Add other plausible songs to the answer of ``key``, after those it has."""
        found = self._found[key]
        others = [i for i in self.allow(key, (*found.alternatives, *ids)) if i != found.song_id]
        self._found[key] = replace(found, alternatives=tuple(others[:MAX_ALTERNATIVES]))

    def note_fallback(
        self,
        key: str,
        song_id: str,
        confidence: float,
        *,
        artist_key: str,
        is_known: bool = False,
    ) -> None:
        """Record a song without a video of its own take, for use if no better one is found.

        With ``is_known``, no search is spent on the name.
        """
        if is_known:
            self.known.add(key)
        if confidence > self._fallbacks.get(key, ("", 0.0))[1]:
            self._fallbacks[key] = (song_id, confidence)
            self.fallback_artists[key] = artist_key

    def settle_fallback(self, key: str) -> bool:
        """Answer ``key`` with the next best recorded song; return whether there was one."""
        if key not in self._fallbacks or key not in self.pending:
            return False
        song_id, confidence = self._fallbacks[key]
        self.settle(key, song_id, confidence=confidence, rung="stored")
        return key not in self.pending

    def give_up(self, key: str) -> None:
        """Stop climbing for ``key``: it is known that nothing will be found."""
        self.pending.pop(key, None)

    def suggest(self, key: str, ids: Iterable[str]) -> None:
        """Add possible songs as alternatives, before those recorded so far."""
        guesses = self.allow(key, (*ids, *self._guesses.get(key, ())))
        self._guesses[key] = tuple(guesses[:MAX_ALTERNATIVES])

    def allow(self, key: str, ids: Iterable[str]) -> list[str]:
        """Return ``ids``, each once, without those that the listener rejected for ``key``."""
        rejected = self.rejected.get(key, ())
        return [i for i in dict.fromkeys(ids) if i not in rejected]

    def answer(self, key: str, query: str) -> Resolution:
        """Return the result for ``key``, written as ``query``."""
        found = self._found.get(key)
        if found is None:
            return Resolution(query, None, 0.0, UNRESOLVED, self._guesses.get(key, ()))
        return replace(found, query=query)
