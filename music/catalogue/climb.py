"""One climb up the ladder: which names still wait, and what was found for the others."""

from collections.abc import Mapping, Sequence

from music.records import Resolution

from .matching import SongName

UNRESOLVED = "unresolved"
MAX_ALTERNATIVES = 10


class Climb:
    """The state that the rungs of one ``resolve`` call share, by normalised name.

    ``pending`` are the names nobody was sure of yet; ``rejected`` are the videos that the listener
    said a name does not mean, which no rung may answer.
    """

    def __init__(self, names: Mapping[str, SongName], listener_id: int | None, caller: str) -> None:
        self.pending: dict[str, SongName] = dict(names)
        self.rejected: dict[str, frozenset[str]] = {}
        self.listener_id = listener_id
        self.caller = caller
        self._found: dict[str, Resolution] = {}
        self._guesses: dict[str, tuple[str, ...]] = {}

    def settle(self, key: str, ids: Sequence[str], *, confidence: float, rung: str) -> None:
        """Answer ``key`` with the first of ``ids`` that is not rejected; the rest are alternatives.

        Does nothing when none is left: the name stays pending.
        """
        allowed = [i for i in dict.fromkeys(ids) if i not in self.rejected.get(key, ())]
        if not allowed:
            return
        self.pending.pop(key, None)
        self._found[key] = Resolution(
            query=key,
            video_id=allowed[0],
            confidence=round(confidence, 4),
            rung=rung,
            alternatives=tuple(allowed[1 : MAX_ALTERNATIVES + 1]),
        )

    def give_up(self, key: str) -> None:
        """Climb no further for ``key``: it is known that nothing will be found."""
        self.pending.pop(key, None)

    def suggest(self, key: str, ids: Sequence[str]) -> None:
        """Note songs that nobody is sure of, to offer should ``key`` stay unresolved."""
        allowed = [i for i in ids if i not in self.rejected.get(key, ())]
        self._guesses[key] = tuple(allowed[:MAX_ALTERNATIVES])

    def answer(self, key: str, query: str) -> Resolution:
        """What became of ``key``, written as ``query``."""
        found = self._found.get(key)
        if found is None:
            return Resolution(query, None, 0.0, UNRESOLVED, self._guesses.get(key, ()))
        return Resolution(query, found.video_id, found.confidence, found.rung, found.alternatives)
