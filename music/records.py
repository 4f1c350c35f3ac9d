"""What the parts of TuneTrace hand to each other: frozen values, no Django, no behaviour."""

from dataclasses import dataclass, field
from datetime import datetime

CATALOGUE_PREFIX = "catalogue:"
"""Every id of the bundled catalogue starts with this; no YouTube id can (they have no colon)."""
SONG_SECONDS = range(60, 15 * 60 + 1)
"""How long a song may be: what is shorter or longer is not looked for, nor shown instead."""


def is_catalogue_id(video_id: str) -> bool:
    """Whether ``video_id`` names a song of the bundled catalogue, which has no video to play."""
    return video_id.startswith(CATALOGUE_PREFIX)


@dataclass(frozen=True, slots=True)
class SongRecord:
    """One song as a source knows it.

    ``title`` is what the source shows ("Nirvana - Come As You Are (Official Music Video)");
    ``artist`` and ``song_title`` are the parsed parts ("Nirvana", "Come As You Are").
    ``None`` means unknown, an empty tuple means known to be empty or not said.
    """

    video_id: str
    title: str
    artist: str
    song_title: str
    channel_title: str = ""
    channel_id: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    view_count: int | None = None
    duration_seconds: int | None = None
    genre: str = ""
    year: int | None = None
    language: str = ""
    published_at: datetime | None = None
    available: bool = True
    embeddable: bool = True
    made_for_kids: bool = False
    age_restricted: bool = False
    is_live: bool = False
    blocked_regions: tuple[str, ...] = ()
    allowed_regions: tuple[str, ...] | None = None
    source: str = "youtube"
    popularity: int | None = None
    """How widely known, 1 to 100, for ordering only; shown to nobody as a metric."""
    aliases: tuple[str, ...] = ()
    """Other names of the artist or the song, such as romanisations."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What became of one song name: the video it was matched with, if any, and how.

    ``rung`` names the step of the ladder that answered ("correction", "link", "query_cache",
    "stored", "channel", "search", "unresolved"); ``confidence`` is in [0, 1];
    ``alternatives`` are the ids of other plausible videos, best first.
    """

    query: str
    video_id: str | None
    confidence: float
    rung: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """A seed that caused a suggestion; ``share`` is its part of the score, in [0, 1]."""

    video_id: str
    title: str
    share: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggested song. ``stage`` names the candidate generator that found it."""

    video_id: str
    title: str
    artist: str
    genre: str
    score: float
    stage: str
    because: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class SuggestionList:
    """The answer to one request for suggestions."""

    suggestions: tuple[Suggestion, ...]
    unresolved: tuple[str, ...] = ()
    notices: tuple[str, ...] = field(default=())
