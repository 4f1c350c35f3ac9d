"""One recommendation, uncached: resolve -> seeds -> rank -> the best take of each -> explain."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from music.catalogue import resolver
from music.errors import NothingToSuggest
from music.models import Song
from music.recommender.candidates import Seed
from music.recommender.documents import SongDocument
from music.recommender.pipeline import recommend
from music.recommender.query import Allowed, Query, Recommendation
from music.records import Cause, Resolution, ShownSong, Suggestion, SuggestionList
from music.youtube.quota import LISTENER

from . import index
from .filters import NO_FILTERS, Filters
from .free_text import TEXT_SEED, FreeText, read_text
from .listeners import Taste
from .playing import Suggestible, look_for_videos, show_songs
from .seeds import build_rejections, build_seeds, list_excluded
from .training import read_documents
from .trouble import describe_trouble

MAX_NEW_SONGS = 200
MAX_LOOKS = 8


@dataclass(frozen=True, slots=True)
class Request:
    """A checked request: all that its answer depends on but the state of the catalogue."""

    names: tuple[str, ...]
    taste: Taste
    genres: frozenset[str]
    limit: int
    adventurousness: float
    listener_pk: int | None
    seed_ids: tuple[str, ...] = ()
    text: str = ""
    filters: Filters = NO_FILTERS
    caller: str = LISTENER
    """Whose quota is spent where something must be asked of YouTube (music/youtube/budgets.py)."""

    @property
    def kind(self) -> str:
        """What was asked with: equal words in requests of two kinds mean different things."""
        if self.text:
            return "text"
        return "similar" if self.seed_ids else "songs"


def recommend_songs(
    request: Request, resolutions: Sequence[Resolution] | None = None
) -> SuggestionList:
    """Suggestions for a checked request; ``resolutions`` are what its names mean, where that is
    known already. Raises ``NothingToSuggest`` when nothing is stored.
    """
    if resolutions is None:
        resolutions = _resolve(request)
    named = [r.song_id for r in resolutions if r.song_id] + list(request.seed_ids)
    seeds = build_seeds(named, request.taste)
    ranked = recommend(index.get_snapshot(), _build_query(request, seeds, named))
    _refuse_when_empty(ranked)
    unresolved = tuple(r.query for r in resolutions if not r.is_found)
    return SuggestionList(
        suggestions=_present(ranked),
        unresolved=unresolved,
        notices=_describe(len(request.names), unresolved),
    )


def _resolve(request: Request) -> list[Resolution]:
    if not request.names:
        return []
    return resolver.resolve(request.names, listener_id=request.listener_pk, caller=request.caller)


def recommend_for_text(request: Request) -> SuggestionList:
    """The songs that the text of ``request`` names, then songs that fit it or are like them."""
    asked = read_text(request.text)
    named = [song.address for song in asked.songs]
    seeds = [Seed(TEXT_SEED), *build_seeds(named, request.taste)]
    ranked = _recommend_fitting(asked, _build_query(request, seeds, named, (asked.document,)))
    _refuse_when_empty(ranked)
    first = [_as_named(song) for song in asked.songs]
    shown = [*first, *ranked][: request.limit]
    return SuggestionList(_present(shown))


def _recommend_fitting(asked: FreeText, query: Query) -> list[Recommendation]:
    """Songs of the genre, decade and language that are named; where those end, others like them."""
    snapshot, fitting = index.get_snapshot(), []
    if asked.is_about_facts:
        strict = replace(query, genres=asked.genres, allowed=_limit_to(asked))
        fitting = [song for song in recommend(snapshot, strict) if song.stage != "popular"]
    if len(fitting) >= query.n:
        return fitting
    found = {song.song_id for song in fitting}
    others = [song for song in recommend(snapshot, query) if song.song_id not in found]
    return (fitting + others)[: query.n]


def _limit_to(asked: FreeText) -> Allowed:
    """Songs that fit, for the first thousands of candidates: then nothing does."""
    n_asked = 0

    def allowed(song_ids: Sequence[str]) -> set[str]:
        nonlocal n_asked
        n_asked += 1
        if n_asked > MAX_LOOKS:
            return set()
        return Suggestible().list_allowed(list(asked.list_fitting(song_ids)))

    return allowed


def _refuse_when_empty(ranked: Sequence[Recommendation]) -> None:
    if not ranked and not Song.objects.exists():
        raise NothingToSuggest("There are no songs here yet.", hint="Run manage.py load_catalogue.")


def _as_named(song: Song) -> Recommendation:
    return Recommendation(song_id=song.address, score=1.0, because=(), stage="named")


def _build_query(
    request: Request,
    seeds: Sequence[Seed],
    named: Sequence[str],
    described: Sequence[SongDocument] = (),
) -> Query:
    new_songs = _read_new_songs([s.song_id for s in seeds])
    suggestible = Suggestible(request.taste.hidden_artists)
    return Query(
        seeds=seeds,
        dismissed=build_rejections(request.taste),
        excluded=list_excluded(named, request.taste) | {TEXT_SEED},
        genres=request.genres,
        allowed=request.filters.make_fitting(suggestible).list_allowed,
        preferred=suggestible.list_playing,
        n=request.limit,
        adventurousness=request.adventurousness,
        new_songs=(*new_songs, *described),
    )


def _read_new_songs(seed_ids: Sequence[str]) -> list[SongDocument]:
    """Songs the index does not know yet: the newest ones, and the seeds among them."""
    newest = Song.objects.suggestible().filter(created_at__gt=index.get_built_at())
    wanted = list(newest.order_by("-created_at").values_list("address", flat=True)[:MAX_NEW_SONGS])
    unknown = _list_unknown(list(dict.fromkeys([*wanted, *seed_ids])))
    if not unknown:
        return []
    return list(read_documents(Song.objects.filter(address__in=unknown)))


def _list_unknown(song_ids: Sequence[str]) -> list[str]:
    rows = index.get_snapshot().rows_of(song_ids)
    return [song_id for song_id, row in zip(song_ids, rows, strict=True) if row < 0]


def _present(ranked: Sequence[Recommendation]) -> tuple[Suggestion, ...]:
    """What is ranked, as it is shown; three queries."""
    causes = {song_id for item in ranked for song_id, _ in item.because}
    songs = Song.objects.in_bulk(causes | {item.song_id for item in ranked}, field_name="address")
    ranked = [item for item in ranked if item.song_id in songs]
    shown = show_songs([songs[item.song_id] for item in ranked])
    look_for_videos(shown)
    return tuple(_to_suggestion(*pair, songs) for pair in zip(ranked, shown, strict=True))


def _to_suggestion(item: Recommendation, shown: ShownSong, songs: Mapping[str, Song]) -> Suggestion:
    because = tuple(
        Cause(song_id, songs[song_id].title, round(share, 4), language=songs[song_id].language)
        for song_id, share in item.because
        if song_id in songs
    )
    return Suggestion(
        **asdict(shown), score=round(item.score, 4), stage=item.stage, because=because
    )


def _describe(n_named: int, unresolved: Sequence[str]) -> tuple[str, ...]:
    """What was not found, and why if it is not the words."""
    if not unresolved:
        return ()
    names = ", ".join(f"“{name}”" for name in unresolved[:5])
    more = f" and {len(unresolved) - 5} more" if len(unresolved) > 5 else ""
    then = "The other songs count all the same."
    if len(unresolved) == n_named:
        then = "Until it is, here are songs that many know."
    return tuple(filter(None, (f"Not found: {names}{more}. {then}", describe_trouble())))
