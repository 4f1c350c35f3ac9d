"""Songs for lookup: found by name, one by one, and by genre."""

from dataclasses import dataclass
from typing import cast

from django.conf import settings
from django.db.models import Count

from music.caching import keys, stack
from music.catalogue import resolver
from music.errors import InvalidInput, NotFound
from music.models import Song, VideoFeature
from music.names.addresses import find_video_id
from music.names.normalization import clean_text, normalize_key
from music.records import ShownSong
from music.youtube import oembed, quota
from tunetrace_site.replication.prepared import PreparedQuery

from . import index
from .playing import read_shown, show_songs, show_video
from .youtube_trouble import describe_trouble

MAX_QUERY_LENGTH = 200
REFERENCE_MAX_LENGTH = 255
MAX_RESULTS = 50
MIN_TYPED = 2
OLD_PREFIX = "catalogue:"
"""The prefix of bundled songs' ids from before every song had an address."""


_AT = PreparedQuery(Song, lambda address: Song.objects.filter(address=address))
_WITH_KEY = PreparedQuery(Song, lambda pk: Song.objects.filter(pk=pk))
_VIDEO = PreparedQuery(
    VideoFeature, lambda video_id: VideoFeature.objects.filter(video_id=video_id)
)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Songs that match, best first, and sentences for people about what could not be done."""

    songs: tuple[ShownSong, ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GenreCount:
    """A genre and how many stored songs have it."""

    name: str
    n_songs: int


@dataclass(frozen=True, slots=True)
class Named:
    """What a reference names: a song, one of its videos, or a video without a song."""

    song: Song | None
    video: VideoFeature | None

    @property
    def title(self) -> str:
        """The song's title; for a video without a song the video's."""
        named = self.song or self.video
        return named.title if named else ""

    def __str__(self) -> str:
        return str(self.song or self.video)


def clean_query(text: str, *, field: str = "query") -> str:
    """Return a search query; raises ``InvalidInput`` when empty, too long, or only punctuation."""
    query = clean_text(text)
    if not normalize_key(query):
        raise InvalidInput(field, "Say what to look for: at least one letter or digit.")
    if len(query) > MAX_QUERY_LENGTH:
        raise InvalidInput(
            field, f"At most {MAX_QUERY_LENGTH} characters to look for, not {len(query)}."
        )
    return query


def search_songs(
    *, text: str, limit: int = 20, listener_id: int | None = None, caller: str = quota.LISTENER
) -> SearchResult:
    """Return stored songs that match ``text``; if none is sure enough, ask the whole ladder.

    ``caller`` pays for requests to YouTube.
    """
    query = clean_query(text)
    resolution = resolver.resolve([query], listener_id=listener_id, caller=caller)[0]
    found = resolver.search(query, limit)
    ids = [resolution.song_id, *resolution.alternatives] if resolution.song_id else []
    ordered = list(dict.fromkeys([*ids, *found]))[: min(limit, MAX_RESULTS)]
    songs = read_shown(ordered)
    present = [songs[address] for address in ordered if address in songs]
    meant = {}
    if resolution.song_id in songs and resolution.video_id:
        meant[songs[resolution.song_id].pk] = resolution.video_id
    shown = show_songs(present, meant=meant)
    if resolution.video_id and not resolution.song_id:
        video = get_named(resolution.video_id).video
        shown = [show_video(video)] if video else []
    bucket = quota.UNITS if find_video_id(query) else quota.SEARCH
    trouble = "" if resolution.is_found else describe_trouble(bucket, caller)
    notices = (trouble,) if trouble else () if shown else (describe_miss(query),)
    return SearchResult(tuple(shown), notices)


def suggest_names(text: str, *, limit: int = 8) -> list[str]:
    """Return completions of ``text`` as "Artist – Title" of stored songs, best first.

    Never asks YouTube. Returns nothing for fewer than two letters, or for an invalid query.
    """
    key = normalize_key(text)
    if len(key) < MIN_TYPED or len(text) > MAX_QUERY_LENGTH:
        return []
    ids = resolver.search(clean_text(text), limit)
    songs = read_shown(ids)
    return [str(songs[address]) for address in ids if address in songs]


def describe_miss(query: str) -> str:
    """Return why nothing was found, and what to try."""
    if (settings.YOUTUBE_API_KEY or oembed.is_on()) and find_video_id(query):
        return f"YouTube shows no video at “{query}”: it may be deleted or private."
    if settings.YOUTUBE_API_KEY:
        return f"Nothing was found for “{query}”. Check the spelling, or add the artist."
    return (
        f"Nothing in the bundled catalogue matches “{query}”. "
        "With a YouTube API key TuneTrace finds any song."
    )


def get_named(reference: str) -> Named:
    """Return the song or video that ``reference`` names. Raises ``NotFound``.

    ``reference`` is the address of a song (``nirvana/come-as-you-are``, optionally prefixed by
    ``catalogue:``) or the id of a video. A song that was joined to another one leads to that one.
    """
    address = reference.removeprefix(OLD_PREFIX)
    video = song = None
    if "/" in address:
        song = _AT.find_model(address)
    elif video := _VIDEO.find_model(reference):
        song = video.song = _find_song(video.song_id)
    if song is None and video is None:
        raise NotFound("There is no such song here.", hint="Search for it by name.")
    return Named(_find_song(song.joined_to_id) or song if song else None, video)


def _find_song(pk: int | None) -> Song | None:
    return _WITH_KEY.find_model(pk) if pk is not None else None


def get_song(reference: str) -> ShownSong:
    """Return the song named by ``reference`` (see ``get_named``), as lists show it.

    Raises ``NotFound``.
    """
    named = get_named(reference)
    if named.song is None:
        return show_video(cast(VideoFeature, named.video))
    meant = {named.song.pk: named.video.video_id} if named.video else {}
    [shown] = show_songs([named.song], meant=meant)
    return shown


def list_genres() -> list[GenreCount]:
    """Return the genres of songs that can be suggested, most songs first.

    Counted once for each index and again after an hour, since every song is examined.
    """
    key = keys.suggestions_key(source="genres", index_version=index.get_version())
    return [GenreCount(*row) for row in stack.suggestions.fetch(key, _count_genres)]


def _count_genres() -> list[list[object]]:
    genres = Song.objects.suggestible().exclude(genre="").values_list("genre")
    rows = genres.annotate(n_songs=Count("id")).order_by("-n_songs", "genre")
    return [list(row) for row in rows]


def get_song_meant(reference: str) -> Song:
    """Return the song that ``reference`` names.

    Raises ``NotFound``, also for a video without one.
    """
    song = get_named(reference).song
    if song is None:
        raise NotFound("This video is not known to be a song.", hint="Search for it by name.")
    return song
