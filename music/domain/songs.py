"""Songs to look at: found by name, one by one, and by genre."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count

from music.catalogue import resolver
from music.errors import InvalidInput, NotFound
from music.models import VideoFeature
from music.names.addresses import find_video_id
from music.names.normalization import clean_text, normalize_key
from music.youtube import quota

from .trouble import describe_trouble

MAX_QUERY_LENGTH = 200
MAX_RESULTS = 50


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Songs that match, best first, and sentences for people about what could not be done."""

    songs: tuple[VideoFeature, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GenreCount:
    """A genre and how many stored songs have it."""

    name: str
    n_songs: int


def clean_query(text: str, *, field: str = "query") -> str:
    """What somebody searches for; raises ``InvalidInput`` when empty, too long, or only signs."""
    query = clean_text(text)
    if not normalize_key(query):
        raise InvalidInput(field, "Say what to look for: at least one letter or digit.")
    if len(query) > MAX_QUERY_LENGTH:
        raise InvalidInput(
            field, f"At most {MAX_QUERY_LENGTH} characters to look for, not {len(query)}."
        )
    return query


def search_songs(*, text: str, limit: int = 20, listener_id: int | None = None) -> SearchResult:
    """Stored songs that match ``text``; when none is sure enough, the whole ladder is climbed."""
    query = clean_query(text)
    resolution = resolver.resolve([query], listener_id=listener_id)[0]
    found = resolver.search(query, limit)
    ids = [resolution.video_id, *resolution.alternatives] if resolution.video_id else []
    ordered = list(dict.fromkeys([*ids, *found]))[: min(limit, MAX_RESULTS)]
    songs = VideoFeature.objects.in_bulk(ordered, field_name="video_id")
    bucket = quota.UNITS if find_video_id(query) else quota.SEARCH
    trouble = "" if resolution.video_id else describe_trouble(bucket)
    notices = (trouble,) if trouble else () if songs else (describe_miss(query),)
    return SearchResult(tuple(songs[i] for i in ordered if i in songs), notices)


def describe_miss(query: str) -> str:
    """Why nothing was found, and what to try."""
    if settings.YOUTUBE_API_KEY and find_video_id(query):
        return f"YouTube shows no video at “{query}”: it may be deleted or private."
    if settings.YOUTUBE_API_KEY:
        return f"Nothing was found for “{query}”. Check the spelling, or add the artist."
    return (
        f"Nothing in the bundled catalogue matches “{query}”. "
        "With a YouTube API key TuneTrace finds any song."
    )


def get_song(*, video_id: str) -> VideoFeature:
    """One stored song. Raises ``NotFound``."""
    song = VideoFeature.objects.filter(video_id=video_id).first()
    if song is None:
        raise NotFound("There is no such song here.", hint="Search for it by name.")
    return song


def list_other_uploads(song: VideoFeature, limit: int = 10) -> list[VideoFeature]:
    """Other stored videos of the same song by the same artist, the best known first."""
    same = VideoFeature.objects.filter(artist_key=song.artist_key, title_key=song.title_key)
    others = same.filter(available=True).exclude(pk=song.pk)
    return list(others.best_known_first()[:limit])


def list_genres() -> list[GenreCount]:
    """The genres of songs that can be suggested, the fullest first."""
    rows = (
        VideoFeature.objects.playable()
        .exclude(genre="")
        .values("genre")
        .annotate(n_songs=Count("id"))
        .order_by("-n_songs", "genre")
    )
    return [GenreCount(row["genre"], row["n_songs"]) for row in rows]
