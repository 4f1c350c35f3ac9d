"""One recommendation, uncached: resolve -> seeds -> rank -> drop the unplayable -> explain."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.conf import settings

from music.catalogue import resolver
from music.errors import NothingToSuggest
from music.models import VideoFeature
from music.recommender.candidates import Seed
from music.recommender.documents import SongDocument
from music.recommender.pipeline import recommend
from music.recommender.query import Allowed, Query, Recommendation
from music.records import Cause, Resolution, Suggestion, SuggestionList

from . import index
from .free_text import TEXT_SEED, FreeText, read_text
from .listeners import Taste
from .playing import find_videos, look_for_videos
from .seeds import build_rejections, build_seeds, list_excluded
from .training import to_document
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

    @property
    def kind(self) -> str:
        """What was asked with: equal words in requests of two kinds mean different things."""
        if self.text:
            return "text"
        return "similar" if self.seed_ids else "songs"


def recommend_songs(request: Request) -> SuggestionList:
    """Suggestions for a checked request. Raises ``NothingToSuggest`` when nothing is stored."""
    resolutions = _resolve(request)
    named = [r.video_id for r in resolutions if r.video_id] + list(request.seed_ids)
    seeds = build_seeds(named, request.taste)
    ranked = recommend(index.get_snapshot(), _build_query(request, seeds, named))
    _refuse_when_empty(ranked)
    unresolved = tuple(r.query for r in resolutions if r.video_id is None)
    return SuggestionList(
        suggestions=_present(ranked, list_excluded(named, request.taste)),
        unresolved=unresolved,
        notices=_describe(len(request.names), unresolved),
    )


def _resolve(request: Request) -> list[Resolution]:
    if not request.names:
        return []
    return resolver.resolve(request.names, listener_id=request.listener_pk)


def recommend_for_text(request: Request) -> SuggestionList:
    """The songs that the text of ``request`` names, then songs that fit it or are like them."""
    asked = read_text(request.text)
    named = [song.video_id for song in asked.songs]
    seeds = [Seed(TEXT_SEED), *build_seeds(named, request.taste)]
    ranked = _recommend_fitting(asked, _build_query(request, seeds, named, (asked.document,)))
    _refuse_when_empty(ranked)
    first = [_as_named(song) for song in asked.songs]
    shown = [*first, *ranked][: request.limit]
    return SuggestionList(_present(shown, list_excluded(named, request.taste)))


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
    """Playable songs that fit, for the first thousands of candidates: then nothing does."""
    n_asked = 0

    def allowed(video_ids: Sequence[str]) -> set[str]:
        nonlocal n_asked
        n_asked += 1
        if n_asked > MAX_LOOKS:
            return set()
        return _list_playable(list(asked.list_fitting(video_ids)))

    return allowed


def _refuse_when_empty(ranked: Sequence[Recommendation]) -> None:
    if not ranked and not VideoFeature.objects.exists():
        raise NothingToSuggest("There are no songs here yet.", hint="Run manage.py load_catalogue.")


def _as_named(song: VideoFeature) -> Recommendation:
    return Recommendation(song_id=song.video_id, score=1.0, because=(), stage="named")


def _build_query(
    request: Request,
    seeds: Sequence[Seed],
    named: Sequence[str],
    described: Sequence[SongDocument] = (),
) -> Query:
    new_songs = [to_document(song) for song in _read_new_songs([s.song_id for s in seeds])]
    return Query(
        seeds=seeds,
        dismissed=build_rejections(request.taste),
        excluded=list_excluded(named, request.taste) | {TEXT_SEED},
        genres=request.genres,
        allowed=_list_playable,
        n=request.limit,
        adventurousness=request.adventurousness,
        new_songs=(*new_songs, *described),
    )


def _read_new_songs(seed_ids: Sequence[str]) -> list[VideoFeature]:
    """Songs the index does not know yet: the newest ones, and the seeds among them."""
    newest = VideoFeature.objects.playable().filter(created_at__gt=index.get_built_at())
    songs = {song.video_id: song for song in newest.order_by("-created_at")[:MAX_NEW_SONGS]}
    missing = _list_unknown([video_id for video_id in seed_ids if video_id not in songs])
    if missing:
        songs |= VideoFeature.objects.in_bulk(missing, field_name="video_id")
    unknown = _list_unknown(list(songs))
    return [songs[video_id] for video_id in unknown]


def _list_unknown(video_ids: Sequence[str]) -> list[str]:
    rows = index.get_snapshot().rows_of(video_ids)
    return [video_id for video_id, row in zip(video_ids, rows, strict=True) if row < 0]


def _list_playable(video_ids: Sequence[str]) -> set[str]:
    """Those of ``video_ids`` that can be played here and now, whatever the index remembers."""
    return VideoFeature.objects.list_playable_in(settings.YOUTUBE_REGION, video_ids)


def _present(ranked: Sequence[Recommendation], unwanted: Collection[str]) -> tuple[Suggestion, ...]:
    """What is ranked, as it is shown: a song that does not play by its video, but for ``unwanted``
    ones.
    """
    causes = {video_id for item in ranked for video_id, _ in item.because}
    shown = {item.song_id for item in ranked}
    songs = VideoFeature.objects.in_bulk(causes | shown, field_name="video_id")
    ranked = [item for item in ranked if item.song_id in songs]
    videos = find_videos([songs[item.song_id] for item in ranked], {*shown, *unwanted})
    look_for_videos([songs[i.song_id] for i in ranked if i.song_id not in videos])
    return tuple(_to_suggestion(item, songs, videos.get(item.song_id)) for item in ranked)


def _to_suggestion(
    item: Recommendation, songs: Mapping[str, VideoFeature], video: VideoFeature | None
) -> Suggestion:
    """``item`` as it is shown, by its ``video`` where it has another one than itself."""
    song = songs[item.song_id]
    because = tuple(
        Cause(video_id, songs[video_id].song_title or songs[video_id].title, round(share, 4))
        for video_id, share in item.because
        if video_id in songs
    )
    return Suggestion(
        video_id=(video or song).video_id,
        title=song.song_title or song.title,
        artist=song.artist or song.channel_title,
        genre=song.genre,
        score=round(item.score, 4),
        stage=item.stage,
        because=because,
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
