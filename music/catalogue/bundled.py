"""The bundled catalogue: some thousand well-known songs as plain facts, for a start without a key.

``data/songs.csv`` has the columns ``artist,title,year,genre,genres,moods,language,popularity,
aliases``; lists are separated by ``|``.
"""

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from music.errors import SourceNotFound
from music.normalization import normalize_key
from music.records import CATALOGUE_PREFIX, SongRecord

from . import matching
from .aliases import AliasBook

SONGS_FILE = Path(__file__).parent / "data" / "songs.csv"
MAX_ID_LENGTH = 128
_SPACES = re.compile(r"\s+")
_MAX_RESULTS = 50


class CatalogueSource:
    """The bundled songs behind the interface of every source. No network, no database."""

    name = "catalogue"

    def search(self, query: str, *, caller: str) -> list[SongRecord]:
        """Songs of the catalogue that ``query`` surely means, the best first."""
        name = matching.read_name(query)
        rated = [(matching.rate(name, c), c.popularity, c.video_id) for c in _candidates()]
        sure = sorted((r for r in rated if r[0] >= matching.SURE), key=lambda r: (-r[0], -r[1]))
        return self.fetch([video_id for *_, video_id in sure[:_MAX_RESULTS]], caller=caller)

    def fetch(self, video_ids: Sequence[str], *, caller: str) -> list[SongRecord]:
        """The songs with these ids, in their order."""
        songs = _songs_by_id()
        return [songs[video_id] for video_id in video_ids if video_id in songs]

    def fetch_channel(self, channel_id: str, *, caller: str, n_pages: int = 1) -> list[SongRecord]:
        """Raises ``SourceNotFound``: the catalogue has no channels."""
        raise SourceNotFound("The bundled catalogue has no channels.")

    def fetch_playlist(self, playlist_id: str, *, caller: str, max_items: int) -> list[SongRecord]:
        """Raises ``SourceNotFound``: playlists are at YouTube, and there is no key for it."""
        raise SourceNotFound(
            "Reading a YouTube playlist needs a YouTube API key.",
            hint="Paste the names of the songs instead.",
        )

    def fetch_popular(self, *, caller: str, region: str = "") -> list[SongRecord]:
        """The best known songs, wherever one is."""
        return sorted(load_songs(), key=lambda song: (-(song.popularity or 0), song.video_id))[:50]


@cache
def load_songs() -> tuple[SongRecord, ...]:
    """Every song of the bundled file, in its order."""
    return tuple(read_songs(SONGS_FILE))


@cache
def _songs_by_id() -> dict[str, SongRecord]:
    return {song.video_id: song for song in load_songs()}


@cache
def _candidates() -> tuple[matching.Candidate, ...]:
    book = AliasBook()
    for song in load_songs():
        book.learn(song.artist, song.aliases)
    return tuple(
        book.make_candidate(s.video_id, s.artist, s.song_title, s.aliases, s.popularity or 0)
        for s in load_songs()
    )


def read_songs(path: Path) -> Iterator[SongRecord]:
    """The songs of a catalogue file. Raises ``ValueError`` naming the line that is wrong."""
    seen: set[str] = set()
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                song = _parse_row(row)
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path.name}, line {line}: {error!r}") from error
            if song.video_id in seen:
                raise ValueError(f"{path.name}, line {line}: {song.title!r} is there twice.")
            seen.add(song.video_id)
            yield song


def make_id(artist: str, title: str) -> str:
    """``catalogue:<artist>/<title>`` in lower case with hyphens; the same for ever, in any script.

    Longer than a column holds, it is cut and ends in a digest of the whole instead.
    """
    whole = f"{CATALOGUE_PREFIX}{_slug(artist)}/{_slug(title)}"
    if len(whole) <= MAX_ID_LENGTH:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:12]
    return f"{whole[: MAX_ID_LENGTH - len(digest) - 1]}-{digest}"


def _slug(text: str) -> str:
    key = normalize_key(text)
    if key:
        return _SPACES.sub("-", key)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _parse_row(row: dict[str, str]) -> SongRecord:
    artist, title = row["artist"].strip(), row["title"].strip()
    if not artist or not title:
        raise ValueError("artist and title must be there")
    tags = (*_split_list(row["genres"]), *_split_list(row["moods"]))
    return SongRecord(
        video_id=make_id(artist, title),
        title=f"{artist} - {title}",
        artist=artist,
        song_title=title,
        channel_title=artist,
        tags=tuple(dict.fromkeys(tags)),
        genre=row["genre"],
        year=int(row["year"]) if row["year"] else None,
        language=row["language"],
        source=CatalogueSource.name,
        popularity=int(row["popularity"]),
        aliases=_split_list(row["aliases"]),
    )


def _split_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split("|") if part.strip())
