"""The suggestion service: checks a request, and answers it from the caches or by recommending."""

from collections.abc import Collection, Sequence

from django.conf import settings

from accounts.models import User
from music.caching import keys, stack
from music.catalogue import resolver
from music.errors import InvalidInput
from music.names.genres import expand_genre
from music.names.normalization import normalize_key
from music.records import Resolution, Suggestion, SuggestionList
from music.youtube.quota import LISTENER

from . import index
from .filters import NO_FILTERS, Filters
from .free_text import read_text
from .impressions import record_impressions
from .likes import like_resolved
from .listeners import NO_TASTE, LikedSong, load_taste
from .names import clean_song_names
from .recommending import Request, recommend_for_text, recommend_songs
from .songs import clean_query, get_named

MAX_LIMIT = 50
MAX_LISTED = 200
"""So long a listener's own list can grow."""
ANY_GENRE = "any"
MAX_LEFT_OUT = 20
FAMILIAR = 0.2
"""Who describes songs in words wants the known ones first."""


def suggest_for_songs(
    *,
    songs: Sequence[str],
    listener: User | None = None,
    genre: str | None = None,
    limit: int = 10,
    adventurousness: float = 0.5,
    caller: str = LISTENER,
) -> SuggestionList:
    """Songs like the named ones. With a listener the named songs become likes.

    ``caller`` pays for what is asked of YouTube. ``adventurousness`` goes from 0 (familiar) to 1.
    Raises ``InvalidInput`` or ``NothingToSuggest``; a song that is not found is listed in
    ``unresolved``.
    """
    names = clean_song_names(songs)
    checked = _check(genre, limit, adventurousness)
    if listener is None:
        return _answer(Request(tuple(names), NO_TASTE, *checked, None, caller=caller))
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
    request = Request(tuple(names), taste, *checked, listener.pk, caller=caller)
    return _answer_listener(request, listener, resolutions)


def suggest_for_listener(
    *,
    listener: User,
    genre: str | None = None,
    limit: int = 10,
    adventurousness: float = 0.5,
    filters: Filters = NO_FILTERS,
    like: str = "",
) -> SuggestionList:
    """Songs for a listener from what they like, and above all like the song that ``like`` names;
    popular ones while they like nothing. At most 200.
    """
    checked = _check(genre, limit, adventurousness, at_most=MAX_LISTED)
    filters.check()
    taste, seeds = load_taste(listener), _read_seed(like)
    request = Request((), taste, *checked, listener.pk, seeds, filters=filters)
    return _answer_listener(request, listener)


def suggest_for_others(*, listener: User, limit: int = 10) -> SuggestionList:
    """What is suggested to a listener, for somebody else to look at: no success is measured."""
    return _answer(Request((), load_taste(listener), *_check(None, limit, 0.5), listener.pk))


def suggest_popular(
    *,
    genre: str | None = None,
    limit: int = 10,
    adventurousness: float = 0.5,
    filters: Filters = NO_FILTERS,
    like: str = "",
) -> SuggestionList:
    """The best known songs (of a genre), less known ones above half of ``adventurousness``, or
    songs like the one that ``like`` names, for somebody of whom nothing is known. At most 200.
    """
    checked = _check(genre, limit, adventurousness, at_most=MAX_LISTED)
    filters.check()
    return _answer(Request((), NO_TASTE, *checked, None, _read_seed(like), filters=filters))


def _read_seed(reference: str) -> tuple[str, ...]:
    song = get_named(reference).song if reference else None
    return (song.address,) if song else ()


def similar_songs(*, reference: str, limit: int = 10) -> tuple[Suggestion, ...]:
    """Songs like one stored song, the same list for everybody. Raises ``NotFound``."""
    song = get_named(reference).song
    if song is None:
        return ()
    request = Request((), NO_TASTE, *_check(None, limit, 0.5), None, seed_ids=(song.address,))
    return _answer(request).suggestions


def discover(*, query: str, limit: int = 10, without: Collection[str] = ()) -> SuggestionList:
    """Songs that fit a free text such as "sad 90s rock", or the name of a song or artist.

    The answer says how the text was read; ``without`` are the ids of facets to leave out.
    """
    text = clean_query(query)
    checked = _check(None, limit, FAMILIAR)
    request = Request((), NO_TASTE, *checked, None, text=text, without=frozenset(without))
    return stack.suggestions.fetch(_key(request), lambda: recommend_for_text(request))


def describes_songs(text: str) -> bool:
    """Whether ``text`` says what kind of songs is wanted rather than naming one: a mood, a genre or
    a time that is understood to the last word, and no stored song's name.
    """
    if resolver.find_stored(text) is not None:
        return False
    read = read_text(text)
    return read.is_understood and any(facet.kind != "artist" for facet in read.facets)


def _check(
    genre: str | None, limit: int, adventurousness: float, at_most: int = MAX_LIMIT
) -> tuple[frozenset[str], int, float]:
    if not 1 <= limit <= at_most:
        raise InvalidInput("limit", f"Ask for 1 to {at_most} suggestions, not {limit}.")
    if not 0.0 <= adventurousness <= 1.0:
        raise InvalidInput("adventurousness", "Use a number from 0 (familiar) to 1.")
    return _check_genre(genre), limit, adventurousness


def _check_genre(genre: str | None) -> frozenset[str]:
    if not genre or normalize_key(genre) in {"", ANY_GENRE}:
        return frozenset()
    family = expand_genre(genre)
    if family is None:
        raise InvalidInput(
            "genre", f"There is no genre {genre!r} here.", hint="See /api/v1/genres for the list."
        )
    return family


def _answer_listener(
    request: Request, listener: User, resolutions: Sequence[Resolution] | None = None
) -> SuggestionList:
    """The answer, noted as shown to ``listener``; ``resolutions`` are what the names mean, where
    that is known already.
    """
    key = _key(request)
    answer = stack.suggestions.fetch(key, lambda: recommend_songs(request, resolutions))
    record_impressions(listener=listener, list_key=key.digest, suggestions=answer.suggestions)
    return answer


def _answer(request: Request) -> SuggestionList:
    """The answer from the caches, or a new one."""
    return stack.suggestions.fetch(_key(request), lambda: recommend_songs(request))


def _key(request: Request) -> keys.CacheKey:
    source = "youtube" if settings.YOUTUBE_API_KEY else "catalogue"
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
        filters=request.filters.list_facts(),
        index_version=index.get_version(),
        listener_pk=request.listener_pk,
    )
