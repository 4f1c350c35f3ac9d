"""One recommendation, uncached: resolve -> seeds -> rank -> the best take of each -> explain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from music.catalogue import resolver
from music.catalogue.artists import load_loved
from music.errors import NothingToSuggest
from music.models import Song
from music.names.facets import Facet
from music.recommender.candidates import Seed
from music.recommender.facet_ranking import find_fitting, rate_fits
from music.recommender.pipeline import recommend
from music.recommender.query import Query, Recommendation
from music.records import (
    Cause,
    ReadFacet,
    Resolution,
    ShownSong,
    Suggestion,
    SuggestionList,
    read_fields_of,
)
from music.youtube.quota import LISTENER

from . import index
from .filters import NO_FILTERS, Filters
from .free_text import FreeText, read_free_text
from .listeners import Taste
from .newcomers import read_newcomers
from .playing import look_for_videos, read_shown, show_songs
from .seeds import NAMED_WEIGHT, build_rejections, build_seeds, list_excluded
from .stand_ins import StandIn, find_stand_ins
from .suggestible import Suggestible
from .youtube_trouble import describe_trouble

_read_facts = read_fields_of(ShownSong)


@dataclass(frozen=True, slots=True)
class SuggestionQuery:
    """A validated request: everything the answer depends on except the state of the catalogue."""

    names: tuple[str, ...]
    taste: Taste
    genres: frozenset[str]
    limit: int
    adventurousness: float
    listener_pk: int | None
    seed_ids: tuple[str, ...] = ()
    text: str = ""
    filters: Filters = NO_FILTERS
    without: frozenset[str] = frozenset()
    videos_first: bool = False
    """Whether the client can show nothing but videos, so that a song with one is preferred more."""
    caller: str = LISTENER
    """Who pays for requests to YouTube (music/youtube/budgets.py)."""

    @property
    def kind(self) -> str:
        """The kind of input: equal words in requests of two kinds have different meanings."""
        if self.text:
            return "text"
        return "similar" if self.seed_ids else "songs"


def recommend_songs(
    request: SuggestionQuery, resolutions: Sequence[Resolution] | None = None
) -> SuggestionList:
    """Return suggestions for a validated request.

    ``resolutions`` are what its names mean, where that is known already. Raises
    ``NothingToSuggest`` when nothing is stored.
    """
    if resolutions is None:
        resolutions = _resolve(request)
    named = [r.song_id for r in resolutions if r.song_id] + list(request.seed_ids)
    unresolved = tuple(r.query for r in resolutions if not r.is_found)
    stand_ins = find_stand_ins(unresolved)
    seeds = [*build_seeds(named, request.taste), *_seeds_of(stand_ins)]
    ranked = recommend(index.get_snapshot(), _build_query(request, seeds, named))
    _refuse_when_empty(ranked)
    return SuggestionList(
        suggestions=_present(ranked),
        unresolved=unresolved,
        notices=_describe(len(request.names), unresolved, stand_ins),
    )


def _seeds_of(stand_ins: Sequence[StandIn]) -> list[Seed]:
    """Return the seeds for songs that stand for a missing one; together they count as one."""
    return [
        Seed(song_id, NAMED_WEIGHT / len(stand_in.song_ids))
        for stand_in in stand_ins
        for song_id in stand_in.song_ids
    ]


def _resolve(request: SuggestionQuery) -> list[Resolution]:
    if not request.names:
        return []
    return resolver.resolve(
        request.names,
        listener_id=request.listener_pk,
        caller=request.caller,
        wants_alternatives=False,
    )


def recommend_for_text(request: SuggestionQuery) -> SuggestionList:
    """Return songs that fit the text of ``request``, and how the text was read."""
    asked = read_free_text(request.text, request.without)
    seeds = [Seed(song_id) for song_id in asked.seeds]
    named = asked.song if asked.song and _plays_if_it_must(asked.song, request) else None
    found = [_as_named(named)] if named else []
    found += _find_fitting(asked, _build_query(request, seeds, _list_named(asked)))
    if len(found) < request.limit:
        taken = [*_list_named(asked), *(item.song_id for item in found)]
        found += _find_like(asked, _build_query(request, seeds, taken), bool(found))
    _refuse_when_empty(found)
    return SuggestionList(
        _present(found[: request.limit]),
        notices=_describe_reading(request.text, asked),
        read_as=tuple(_to_read_facet(facet) for facet in asked.facets),
    )


def _plays_if_it_must(song: Song, request: SuggestionQuery) -> bool:
    return not request.filters.plays or bool(Suggestible().list_playing([song.address]))


def _list_named(asked: FreeText) -> list[str]:
    """Return songs that the text itself names as examples: they are known to the listener."""
    is_like = any(facet.kind in ("like", "song") for facet in asked.facets)
    return list(asked.seeds) if is_like else []


def _find_fitting(asked: FreeText, query: Query) -> list[Recommendation]:
    """Return songs to which most of the facets apply.

    A request that names artists may get many songs of each; one with example songs has the closest
    first, any other the best known first.
    """
    if not asked.wishes:
        return []
    kinds = {facet.kind for facet in asked.facets if not facet.is_denied}
    per_artist = None if "artist" in kinds else query.reranking.per_artist
    policy = replace(query.reranking, per_artist=per_artist)
    seeds = query.seeds if "like" in kinds else ()
    query = replace(query, seeds=seeds, reranking=policy)
    return find_fitting(index.get_snapshot(), query, asked.wishes)


def _find_like(asked: FreeText, query: Query, has_some: bool) -> list[Recommendation]:
    """Return songs like the text's examples, or well-known songs where it has none."""
    if has_some and not query.seeds:
        return []
    denied = [wish for wish in asked.wishes if wish.is_denied]
    ranked = recommend(index.get_snapshot(), query)
    if denied:
        fits = rate_fits(index.get_snapshot(), denied)
        rows = index.get_snapshot().rows_of([item.song_id for item in ranked])
        ranked = [i for i, row in zip(ranked, rows, strict=True) if row < 0 or fits[row] > 0.0]
    return ranked


def _to_read_facet(facet: Facet) -> ReadFacet:
    label = {"like": f"like {facet.label}"}.get(facet.kind, facet.label)
    return ReadFacet(facet.facet_id, facet.kind, f"not {label}" if facet.is_denied else label)


def _describe_reading(text: str, asked: FreeText) -> tuple[str, ...]:
    """Return a plain sentence about the words of a text that were not understood."""
    if not asked.facets:
        return (
            f"“{text}” names no song, artist, genre, mood, time or language that is known here. "
            "Here are well-known songs.",
        )
    if asked.unread:
        words = ", ".join(f"“{word}”" for word in dict.fromkeys(asked.unread[:5]))
        return (f"Not understood: {words}.",)
    return ()


def _refuse_when_empty(ranked: Sequence[Recommendation]) -> None:
    if not ranked and not Song.objects.exists():
        raise NothingToSuggest("There are no songs here yet.", hint="Run manage.py load_catalogue.")


def _as_named(song: Song) -> Recommendation:
    return Recommendation(song_id=song.address, score=1.0, because=(), stage="named")


def _build_query(request: SuggestionQuery, seeds: Sequence[Seed], named: Sequence[str]) -> Query:
    new_songs = read_newcomers([s.song_id for s in seeds])
    suggestible = Suggestible(request.taste.hidden_artists)
    return Query(
        seeds=seeds,
        dismissed=build_rejections(request.taste),
        excluded=list_excluded(named, request.taste),
        genres=request.genres,
        allowed=request.filters.make_fitting(suggestible).list_allowed,
        preferred=suggestible.list_playing,
        prefers_strongly=request.videos_first,
        n=request.limit,
        adventurousness=request.adventurousness,
        new_songs=new_songs,
        loved=load_loved(),
    )


def _present(ranked: Sequence[Recommendation]) -> tuple[Suggestion, ...]:
    """Return ranked songs, and the songs that caused them, as lists show them; two queries."""
    causes = {cause.seed_id for item in ranked for cause in item.because}
    songs = read_shown(causes | {item.song_id for item in ranked})
    shown = {song.song_id: song for song in show_songs(list(songs.values()))}
    ranked = [item for item in ranked if item.song_id in shown]
    look_for_videos(shown[item.song_id] for item in ranked)
    return tuple(_to_suggestion(item, shown) for item in ranked)


def _to_suggestion(item: Recommendation, shown: Mapping[str, ShownSong]) -> Suggestion:
    because = tuple(
        Cause(
            cause.seed_id,
            seed.title,
            round(cause.share, 4),
            video_id=seed.video_id,
            language=seed.language,
            how=cause.how,
            artist=seed.artist,
        )
        for cause in item.because
        if (seed := shown.get(cause.seed_id))
    )
    return Suggestion(
        **_read_facts(shown[item.song_id]),
        score=round(item.score, 4),
        stage=item.stage,
        because=because,
    )


def _describe(
    n_named: int, unresolved: Sequence[str], stand_ins: Sequence[StandIn]
) -> tuple[str, ...]:
    """Return sentences about names that were not found, with the reason."""
    if not unresolved:
        return ()
    names = ", ".join(f"“{name}”" for name in unresolved[:5])
    more = f" and {len(unresolved) - 5} more" if len(unresolved) > 5 else ""
    then = "The other songs count all the same."
    if stand_ins:
        artists = ", ".join(dict.fromkeys(stand_in.artist for stand_in in stand_ins[:5]))
        then = f"Until then other songs by {artists} count instead."
    elif len(unresolved) == n_named:
        then = "Until it is, here are well-known songs."
    return tuple(filter(None, (f"Not found: {names}{more}. {then}", describe_trouble())))
