"""The request to the recommender, and its answer."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from music.recommender.candidates import Seed
from music.recommender.documents import SongDocument
from music.recommender.explanations import Cause, Loved
from music.recommender.filtering import SongFilter
from music.recommender.reranking import Reranking

Allowed = Callable[[Sequence[str]], Collection[str]]
"""A function that returns those of the given song ids that may be suggested, from a database."""


@dataclass(frozen=True, slots=True)
class Query:
    """One request for suggestions.

    ``seeds`` and ``dismissed`` are never suggested, nor the ids in ``excluded``. ``genres`` is
    strict (empty: any). ``allowed`` is called with about a hundred ids at a time, best first; of
    the songs that re-ranking chooses from, those that ``preferred`` names come first, also before
    somewhat closer ones if ``prefers_strongly``.
    ``adventurousness`` goes from 0 (familiar) over 0.5 (the model's order) to 1 (little known).
    ``new_songs`` describes songs that the snapshot does not know: they may be seeds, dismissed or
    suggested. ``loved`` says of artists whom their listeners also love; it is told as a reason, and
    ranks nothing by itself: the artists are terms of the songs' documents.
    """

    seeds: Sequence[Seed]
    dismissed: Sequence[Seed] = ()
    excluded: Collection[str] = ()
    genres: Collection[str] = ()
    allowed: Allowed | None = None
    preferred: Allowed | None = None
    prefers_strongly: bool = False
    n: int = 10
    adventurousness: float = 0.5
    new_songs: Sequence[SongDocument] = ()
    loved: Loved = field(default_factory=dict)
    song_filter: SongFilter = field(default_factory=SongFilter)
    reranking: Reranking = field(default_factory=Reranking)


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One suggested song.

    ``score`` is in [0, 1] and comparable between requests; ``because`` names the seeds that
    contributed most and how; ``stage`` says what found it: "collaborative", "content", "words" or
    "popular".
    """

    song_id: str
    score: float
    because: tuple[Cause, ...]
    stage: str
