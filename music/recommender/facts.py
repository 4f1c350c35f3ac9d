"""The facts of songs that filtering and re-ranking use, as parallel arrays."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from music.names.genres import find_family
from music.names.normalization import normalize_key
from music.recommender.documents import SongDocument

UNKNOWN = -1
CHRISTMAS = "christmas"
"""The occasion or tag of songs that are heard for some weeks of the year only."""


@dataclass(frozen=True, slots=True)
class SongFacts:
    """Facts of songs: every array has one entry per song, ``n_songs`` in all.

    ``artist`` and ``genre`` are codes (int32; ``UNKNOWN`` for an unnamed one), ``family`` is the
    code of the name of the widest genre that the genre belongs to, ``duration_seconds`` and
    ``year`` are int32 with ``UNKNOWN``, ``language`` is the code of its name, ``season`` the code
    of the season it is for (``UNKNOWN``: any), ``popularity`` is float32 in [0, 1], ``n_listeners``
    int32.
    """

    artist: np.ndarray
    genre: np.ndarray
    family: np.ndarray
    duration_seconds: np.ndarray
    popularity: np.ndarray
    n_listeners: np.ndarray
    year: np.ndarray
    language: np.ndarray
    season: np.ndarray

    def decade(self, row: int) -> int:
        """The decade of each song, as year divided by ten, or ``UNKNOWN``."""
        year = int(self.year[row])
        return UNKNOWN if year == UNKNOWN else year // 10

    def take(self, rows: np.ndarray) -> "SongFacts":
        """Return the facts of ``rows`` only, in that order."""
        return SongFacts(*(getattr(self, name)[rows] for name in _NAMES))


_NAMES = [field.name for field in fields(SongFacts)]


def name_code(name: str) -> int:
    """Return a number for ``name``, the same in every process; ``UNKNOWN`` for no name.

    It has 32 bits: two different names in one list of suggestions collide once in hundreds of
    millions.
    """
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) >> 1 if name else UNKNOWN


def genre_key(genre: str) -> str:
    """Return the normal form in which genres are compared."""
    return normalize_key(genre)


def build_facts(
    documents: Sequence[SongDocument],
    n_listeners: np.ndarray,
    genres: Sequence[str] = (),
) -> tuple[SongFacts, tuple[str, ...]]:
    """Return the facts of ``documents`` and the genre names by code, continuing ``genres``.

    ``n_listeners`` is how many listeners like each, ``(n_songs,)``.
    """
    facts, codes = read_facts(documents, genres)
    views = np.array([max(document.view_count or 0, 0) for document in documents], np.float64)
    return with_listeners(facts, n_listeners, views), codes


def with_listeners(facts: SongFacts, n_listeners: np.ndarray, views: np.ndarray) -> SongFacts:
    """Return ``facts`` with the popularity by listeners and views, both ``(n_songs,)``."""
    return replace(
        facts,
        popularity=popularity(n_listeners, views),
        n_listeners=np.asarray(n_listeners).astype(np.int32),
    )


def read_facts(
    documents: Sequence[SongDocument], genres: Sequence[str] = ()
) -> tuple[SongFacts, tuple[str, ...]]:
    """Return as ``build_facts`` does, with a popularity of 0 and no listeners."""
    code_of = {genre: code for code, genre in enumerate(genres)}
    keys = [genre_key(document.genre) for document in documents]
    codes = [code_of.setdefault(key, len(code_of)) if key else UNKNOWN for key in keys]
    families = {d.genre: find_family(d.genre) or genre_key(d.genre) for d in documents}
    durations = [document.duration_seconds for document in documents]
    facts = SongFacts(
        artist=np.array([name_code(normalize_key(d.artist)) for d in documents], np.int32),
        genre=np.array(codes, np.int32),
        family=np.array([name_code(families[d.genre]) for d in documents], np.int32),
        duration_seconds=np.array([UNKNOWN if d is None else d for d in durations], np.int32),
        popularity=np.zeros(len(documents), np.float32),
        n_listeners=np.zeros(len(documents), np.int32),
        year=np.array([d.year or UNKNOWN for d in documents], np.int32),
        language=np.array([name_code(d.language.partition("-")[0]) for d in documents], np.int32),
        season=np.array([_season_code(document) for document in documents], np.int32),
    )
    return facts, tuple(code_of)


def _season_code(document: SongDocument) -> int:
    # Counted tags come from many people, some of whom call nearly everything Christmas music.
    tags = () if document.tag_weights else map(str.lower, document.tags)
    is_for_christmas = CHRISTMAS in (*document.occasions, *tags)
    return name_code(CHRISTMAS) if is_for_christmas else UNKNOWN


def join_facts(parts: Sequence[SongFacts]) -> SongFacts:
    """Return the facts of all ``parts``, one after another."""
    columns = ([getattr(part, name) for part in parts] for name in _NAMES)
    return SongFacts(*(np.concatenate(column) for column in columns))


def popularity(n_listeners: np.ndarray, views: np.ndarray) -> np.ndarray:
    """Return the popularity of each song in [0, 1], first by our listeners, then by views.

    Both count by their logarithm; songs that nobody here has liked come in the order of YouTube's
    views.
    """
    seen = np.log1p(np.asarray(views, np.float64))
    likes = np.log1p(np.asarray(n_listeners, np.float64))
    known = likes / max(likes.max(initial=0.0), 1e-9) + 0.5 * seen / max(
        seen.max(initial=0.0), 1e-9
    )
    return (known / max(known.max(initial=0.0), 1e-9)).astype(np.float32)
