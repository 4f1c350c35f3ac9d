"""The suggestion service: validates a request and answers it from the caches, or anew."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.conf import settings

from accounts.models import User
from music.caching import keys, stack
from music.catalogue import resolver
from music.errors import InvalidInput
from music.names.genres import expand_genre, split_genres
from music.names.normalization import normalize_key
from music.records import Resolution, Suggestion, SuggestionList
from music.youtube.quota import LISTENER

from . import index
from .filters import NO_FILTERS, Filters
from .free_text import may_describe, read_free_text
from .given_lists import Given
from .likes import like_resolved
from .listeners import NO_TASTE, LikedSong, load_taste
from .names import clean_song_names
from .recommending import SuggestionQuery, recommend_for_text, recommend_songs
from .songs import clean_query, get_named

DEFAULT_LIMIT = 10
MAX_LIMIT = 50
DEFAULT_ADVENTUROUSNESS = 0.5
MAX_LISTED = 200
"""The most songs that a listener's own list can grow to."""
ANY_GENRE = "any"
MAX_LEFT_OUT = 20
FAMILIAR = 0.2
"""The adventurousness for free text: known songs first."""


def suggest_for_songs(
    *,
    songs: Sequence[str],
    listener: User | None = None,
    genre: str | None = None,
    limit: int = DEFAULT_LIMIT,
    adventurousness: float = DEFAULT_ADVENTUROUSNESS,
    caller: str = LISTENER,
) -> Given:
    """Return songs like the named ones. With a listener the named songs become likes.

    ``caller`` pays for requests to YouTube. ``adventurousness`` goes from 0 (familiar) to 1. Raises
    ``InvalidInput`` or ``NothingToSuggest``; a song that is not found is listed in ``unresolved``.
    """
    names = clean_song_names(songs)
    checked = _check(genre, limit, adventurousness)
    request, resolutions = _hear(names, listener, checked, caller)
    return _give(request, listener, resolutions)


def _hear(
    names: Sequence[str],
    listener: User | None,
    checked: tuple[frozenset[str], int, float],
    caller: str,
) -> tuple[SuggestionQuery, Sequence[Resolution] | None]:
    """Like the names for the listener; return the request, and their meanings where known."""
    if listener is None:
        return SuggestionQuery(tuple(names), NO_TASTE, *checked, None, caller=caller), None
    taste = load_taste(listener)
    resolutions = None
    if any(normalize_key(name) not in taste.liked_words for name in names):
        resolutions = resolver.resolve(
            names, listener_id=listener.pk, caller=caller, wants_alternatives=False
        )
        made = like_resolved(listener=listener, names=names, resolutions=resolutions)
        taste = taste.with_likes(
            LikedSong(like.song_name, like.song.address if like.song else None, like.learn)
            for like in made
        )
    return SuggestionQuery(tuple(names), taste, *checked, listener.pk, caller=caller), resolutions


def suggest_videos_for_songs(
    *,
    songs: Sequence[str],
    listener: User | None = None,
    genre: str = "",
    limit: int = DEFAULT_LIMIT,
    adventurousness: float = DEFAULT_ADVENTUROUSNESS,
    caller: str = LISTENER,
) -> Given:
    """Return suggestions for clients that show only videos, as ``suggest_for_songs`` does.

    Songs without a video come only where too few of those that suit have one. ``genre`` may be
    several genres joined by spaces; an unknown one is left out, and a notice says so.
    """
    names, (genres, notices) = clean_song_names(songs), _read_genres(genre)
    checked = (genres, *_check(None, limit, adventurousness)[1:])
    request, resolutions = _hear(names, listener, checked, caller)
    given = _give(replace(request, videos_first=True), listener, resolutions)
    return replace(given, notices=notices)


def _read_genres(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the genre families in ``text`` ("any": all), and a notice of unknown genres."""
    names, unknown = split_genres(text)
    keys_of_unknown = {normalize_key(word) for word in unknown}
    left_out = [word for word in unknown if normalize_key(word) not in {"", ANY_GENRE}]
    notices = (f"Unknown genres, left out: {', '.join(left_out[:5])}.",) if left_out else ()
    if ANY_GENRE in keys_of_unknown:
        return frozenset(), notices
    return frozenset[str]().union(*(expand_genre(name) or () for name in names)), notices


def suggest_for_listener(
    *,
    listener: User,
    genre: str | None = None,
    limit: int = DEFAULT_LIMIT,
    adventurousness: float = DEFAULT_ADVENTUROUSNESS,
    filters: Filters = NO_FILTERS,
    like: str = "",
) -> SuggestionList:
    """Return songs for a listener from what they like; popular ones while they like nothing.

    Songs like the song that ``like`` names come first. At most 200.
    """
    checked = _check(genre, limit, adventurousness, at_most=MAX_LISTED)
    filters.check()
    taste, seeds = load_taste(listener), _read_seed(like)
    request = SuggestionQuery((), taste, *checked, listener.pk, seeds, filters=filters)
    return _give(request, listener).answer


def suggest_for_others(*, listener: User, limit: int = DEFAULT_LIMIT) -> SuggestionList:
    """Return a listener's suggestions for others to look at: no impression is recorded."""
    request = SuggestionQuery((), load_taste(listener), *_check(None, limit), listener.pk)
    return _answer(request, _key(request))


def suggest_popular(
    *,
    genre: str | None = None,
    limit: int = DEFAULT_LIMIT,
    adventurousness: float = DEFAULT_ADVENTUROUSNESS,
    filters: Filters = NO_FILTERS,
    like: str = "",
) -> SuggestionList:
    """Return the best known songs (of a genre), for somebody of whom nothing is known.

    Less known ones come above 0.5 of ``adventurousness``; with ``like``, songs like the one it
    names. At most 200.
    """
    checked = _check(genre, limit, adventurousness, at_most=MAX_LISTED)
    filters.check()
    request = SuggestionQuery((), NO_TASTE, *checked, None, _read_seed(like), filters=filters)
    return _answer(request, _key(request))


def _read_seed(reference: str) -> tuple[str, ...]:
    song = get_named(reference).song if reference else None
    return (song.address,) if song else ()


def similar_songs(*, reference: str, limit: int = DEFAULT_LIMIT) -> tuple[Suggestion, ...]:
    """Return songs like one stored song, the same list for everybody. Raises ``NotFound``."""
    song = get_named(reference).song
    if song is None:
        return ()
    request = SuggestionQuery((), NO_TASTE, *_check(None, limit), None, seed_ids=(song.address,))
    return _answer(request, _key(request)).suggestions


def discover(
    *, query: str, limit: int = DEFAULT_LIMIT, without: Collection[str] = ()
) -> SuggestionList:
    """Return songs for a free text such as "sad 90s rock", or the name of a song or artist.

    The answer says how the text was read; ``without`` are the ids of facets to leave out.
    """
    return _answer_text(_read_query(query, limit, without))


def discover_videos(
    *, query: str, limit: int = DEFAULT_LIMIT, without: Collection[str] = ()
) -> SuggestionList:
    """Return songs as ``discover`` does, ones without a video only where too few others suit."""
    return _answer_text(replace(_read_query(query, limit, without), videos_first=True))


def _read_query(query: str, limit: int, without: Collection[str]) -> SuggestionQuery:
    text, checked = clean_query(query), _check(None, limit, FAMILIAR)
    return SuggestionQuery((), NO_TASTE, *checked, None, text=text, without=frozenset(without))


def _answer_text(request: SuggestionQuery) -> SuggestionList:
    return stack.suggestions.fetch(
        _key(request), lambda: _put_in_order(request, recommend_for_text(request))
    )


def describes_songs(text: str) -> bool:
    """Return whether ``text`` describes the songs that are wanted rather than naming one.

    It does when every word is understood, as a mood, a genre or a time, and no stored song has that
    name.
    """
    if not may_describe(text) or resolver.names_stored(text):
        return False
    read = read_free_text(text)
    return read.is_understood and any(facet.kind != "artist" for facet in read.facets)


def _check(
    genre: str | None,
    limit: int,
    adventurousness: float = DEFAULT_ADVENTUROUSNESS,
    at_most: int = MAX_LIMIT,
) -> tuple[frozenset[str], int, float]:
    check_limit(limit, at_most)
    check_adventurousness(adventurousness)
    return _check_genre(genre), limit, adventurousness


def check_limit(limit: int, at_most: int = MAX_LIMIT) -> None:
    """Raise ``InvalidInput`` unless ``limit`` is from 1 to ``at_most``."""
    if not 1 <= limit <= at_most:
        raise InvalidInput("limit", f"Ask for 1 to {at_most} suggestions, not {limit}.")


def check_adventurousness(adventurousness: float) -> None:
    """Raise ``InvalidInput`` unless ``adventurousness`` is from 0 to 1."""
    if not 0.0 <= adventurousness <= 1.0:
        raise InvalidInput("adventurousness", "Use a number from 0 (familiar) to 1.")


def _check_genre(genre: str | None) -> frozenset[str]:
    if not genre or normalize_key(genre) in {"", ANY_GENRE}:
        return frozenset()
    family = expand_genre(genre)
    if family is None:
        raise InvalidInput(
            "genre", f"There is no genre {genre!r} here.", hint="See /api/v1/genres for the list."
        )
    return family


def _give(
    request: SuggestionQuery,
    listener: User | None,
    resolutions: Sequence[Resolution] | None = None,
) -> Given:
    """Return ``_answer``'s list, recorded as shown to the listener."""
    key, version = _key(request), index.get_version()
    given = Given(_answer(request, key, resolutions), key, version, request.taste)
    given.record_impressions(listener)
    return given


def _answer(
    request: SuggestionQuery,
    key: keys.CacheKey,
    resolutions: Sequence[Resolution] | None = None,
) -> SuggestionList:
    """Return the cached or a new answer; ``resolutions`` are what its names mean, where known."""
    return stack.suggestions.fetch(
        key, lambda: _put_in_order(request, recommend_songs(request, resolutions))
    )


def _put_in_order(request: SuggestionQuery, found: SuggestionList) -> SuggestionList:
    """Return what was found, songs with a video before others for a client that shows only videos.

    Those without one are left where few others suit: songs from elsewhere would be worse.
    """
    if not request.videos_first:
        return found
    in_order = sorted(found.suggestions, key=lambda song: song.video_id is None)
    return replace(found, suggestions=tuple(in_order))


def _key(request: SuggestionQuery) -> keys.CacheKey:
    """Return the cache key of a request's list."""
    source = "youtube" if settings.YOUTUBE_API_KEY else "catalogue"
    order = ["videos preferred"] if request.videos_first else []
    return keys.suggestions_key(
        seeds=request.names,
        song_ids=request.seed_ids,
        text=request.text,
        without=request.without,
        taste=request.taste.digest,
        genres=request.genres,
        limit=request.limit,
        adventurousness=request.adventurousness,
        source=f"{source}/{request.kind}",
        filters=[*request.filters.list_facts(), *order],
        index_version=index.get_version(),
        listener_pk=request.listener_pk,
    )
