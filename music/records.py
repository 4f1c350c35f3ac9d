"""The values that the parts of TuneTrace pass to each other: frozen, without Django."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import attrgetter
from typing import Any

SONG_SECONDS = range(60, 15 * 60 + 1)
"""The range of a song's duration: shorter and longer videos are not searched for, nor shown."""


def read_fields_of(kind: type) -> Callable[[Any], dict[str, Any]]:
    """Return a function that gives a value's fields of the dataclass ``kind``, by name.

    Other than ``dataclasses.asdict`` it copies nothing, which takes a fraction of the time; fields
    that only a subclass has are left out. ``kind`` has two fields or more.
    """
    names = tuple(one.name for one in fields(kind))
    read = attrgetter(*names)
    return lambda value: dict(zip(names, read(value), strict=True))


@dataclass(frozen=True, slots=True)
class VideoRecord:
    """One video as a source describes it.

    ``title`` is what the source shows ("Nirvana - Come As You Are (Official Music Video)");
    ``artist`` and ``song_title`` are the parsed parts ("Nirvana", "Come As You Are"), ``take`` a
    value of ``music.names.takes.Take``. ``None`` means unknown, an empty tuple means known to be
    empty or not said.
    """

    video_id: str
    title: str
    artist: str
    song_title: str
    take: str = "original"
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


@dataclass(frozen=True, slots=True)
class Resolution:
    """The result for one name: the song that it means, if any is sure enough, and how it was found.

    ``song_id`` is the song's address (``nirvana/come-as-you-are``), ``video_id`` the take that was
    meant where the name says one (a link, "live"); both are None where nothing was found. ``rung``
    names the step of the ladder that answered ("correction", "link", "query_cache", "stored",
    "channel", "search", "unresolved"); ``confidence`` is in [0, 1]; ``alternatives`` are the
    addresses of other plausible songs, best first.
    """

    query: str
    song_id: str | None
    confidence: float
    rung: str
    alternatives: tuple[str, ...] = ()
    video_id: str | None = None

    @property
    def is_found(self) -> bool:
        """Whether it is known what the name means: a song, or a video without one."""
        return self.song_id is not None or self.video_id is not None


@dataclass(frozen=True, slots=True)
class Cause:
    """A seed that caused a suggestion; ``share`` is its part of the score, in [0, 1].

    ``how`` says what connects the two songs: "artist", "loved" (listeners of ``artist``, the
    seed's, also love the suggested one), "scene" (genre and decade), "together" (at least five
    listeners like both), "genre", or "near" (by the model alone); empty: not told.
    """

    song_id: str
    title: str
    share: float
    video_id: str | None = None
    language: str = ""
    how: str = ""
    artist: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSong:
    """A song as lists show it, with the take that plays it here.

    ``song_id`` is the song's address, or the id of a video without a song (then ``song_pk`` is
    None). ``video_id`` is the best take that plays here, None where there is none;
    ``take`` (a value of ``music.names.takes.Take``, empty without a video), ``duration_seconds``,
    ``channel_title``, ``channel_id`` and ``video_title`` are that video's.
    ``is_restricted`` says that the video is made for kids or has a minimum age: it is linked to,
    but not played on a page of ours.
    """

    song_id: str
    song_pk: int | None = None
    title: str
    artist: str
    genre: str = ""
    year: int | None = None
    language: str = ""
    video_id: str | None = None
    take: str = ""
    duration_seconds: int | None = None
    channel_title: str = ""
    channel_id: str = ""
    video_title: str = ""
    is_restricted: bool = False

    def __str__(self) -> str:
        return f"{self.artist} – {self.title}" if self.artist else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion(ShownSong):
    """One suggested song. ``stage`` names the candidate generator that found it."""

    score: float
    stage: str
    because: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadFacet:
    """A wish recognised in a free text.

    ``label`` is shown to people ("90s", "not grunge"), ``kind`` is its category ("time"), and
    ``facet_id`` is used to leave it out.
    """

    facet_id: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class SuggestionList:
    """The answer to one request for suggestions; ``read_as`` says how its free text was read."""

    suggestions: tuple[Suggestion, ...]
    unresolved: tuple[str, ...] = ()
    notices: tuple[str, ...] = field(default=())
    read_as: tuple[ReadFacet, ...] = ()
