"""One climb up the ladder: which names still wait, and what was found for the others."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from music.names.matching import SongName
from music.records import Resolution

UNRESOLVED = "unresolved"
MAX_ALTERNATIVES = 10
MAX_SEARCHES = 10
"""Of the hundred a day, one call for a listener may use this many; background jobs are not held
to it."""


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search at YouTube found: ids, the best first, and those that are needed to judge."""

    video_ids: tuple[str, ...]
    first_ids: tuple[str, ...]


class Climb:
    """The state that the rungs of one ``resolve`` call share, by normalised name.

    ``pending`` are the names nobody was sure of yet; ``vain`` those that YouTube was asked about in
    vain not long ago, ``known`` those whose song is in the bundled catalogue, but has no video yet:
    neither is searched for. ``rejected`` are the songs (addresses) and videos (ids) that the
    listener said a name does not mean, which no rung may answer. ``leases`` are rights to ask
    YouTube that are held to the end of the climb; ``searched`` is what searches found, None where
    no answer came. Without ``wants_alternatives`` what is beyond doubt may come alone.
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
        self.known: set[str] = set()
        self.rejected: dict[str, frozenset[str]] = {}
        self.listener_id = listener_id
        self.caller = caller
        self.wants_alternatives = wants_alternatives
        self.leases = ExitStack()
        self.searched: dict[str, Searched | None] = {}
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
        """Answer ``key`` with a song, and with the take that was meant if the name says one; does
        nothing when the listener rejected either. ``song_id`` is None for a video of no song.
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
        self, key: str, song_id: str, confidence: float, *, is_known: bool = False
    ) -> None:
        """Note a song that cannot be heard as itself yet, should no video of it be found.

        ``is_known``: no search is spent on the name.
        """
        if is_known:
            self.known.add(key)
        if confidence > self._fallbacks.get(key, ("", 0.0))[1]:
            self._fallbacks[key] = (song_id, confidence)

    def settle_fallback(self, key: str) -> bool:
        """Answer ``key`` with the next best that was noted; whether there was any."""
        if key not in self._fallbacks or key not in self.pending:
            return False
        song_id, confidence = self._fallbacks[key]
        self.settle(key, song_id, confidence=confidence, rung="stored")
        return key not in self.pending

    def give_up(self, key: str) -> None:
        """Climb no further for ``key``: it is known that nothing will be found."""
        self.pending.pop(key, None)

    def suggest(self, key: str, ids: Iterable[str]) -> None:
        """Note songs that nobody is sure of, before those noted so far, as alternatives."""
        guesses = self.allow(key, (*ids, *self._guesses.get(key, ())))
        self._guesses[key] = tuple(guesses[:MAX_ALTERNATIVES])

    def allow(self, key: str, ids: Iterable[str]) -> list[str]:
        """``ids``, each once, without those that the listener rejected for ``key``."""
        rejected = self.rejected.get(key, ())
        return [i for i in dict.fromkeys(ids) if i not in rejected]

    def answer(self, key: str, query: str) -> Resolution:
        """What became of ``key``, written as ``query``."""
        found = self._found.get(key)
        if found is None:
            return Resolution(query, None, 0.0, UNRESOLVED, self._guesses.get(key, ()))
        return replace(found, query=query)
