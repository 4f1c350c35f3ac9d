"""API: songs, found by name, described, and others like them."""

from dataclasses import replace

from django.utils.cache import patch_cache_control
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from music.domain import songs, suggestions
from music.domain.reports import avoid_refused

from .callers import get_caller, get_signed_in
from .permissions import Everyone
from .requests import LimitQuerySerializer, SearchQuerySerializer, read_query
from .schema import document
from .serializers import (
    GenreSerializer,
    SearchAnswerSerializer,
    SongSerializer,
    SuggestionSerializer,
)

PUBLIC_SECONDS = 60
"""How long a cache may answer for us; then it asks whether its answer is still right."""


def _answer_everybody(request: Request, data: object, *, is_personal: bool = False) -> Response:
    """Return an answer that is the same for everybody, which caches may store.

    It is not cacheable where songs play by other videos for this listener, nor in a browser, where
    it is a page that says who is signed in.
    """
    response = Response(data)
    if not is_personal and request.accepted_renderer.format == "json":
        patch_cache_control(response, public=True, max_age=PUBLIC_SECONDS)
    return response


class SongsView(APIView):
    """Songs by name, likeliest first."""

    permission_classes = [Everyone]

    @document(
        "songs",
        {200: SearchAnswerSerializer},
        errors=(400, 503),
        parameters=[SearchQuerySerializer],
        operation_id="search_songs",
        summary="Search songs by name",
        description="Songs by name, the likeliest first.",
    )
    def get(self, request: Request) -> Response:
        asked = read_query(request, SearchQuerySerializer)
        listener = get_signed_in(request)
        found = songs.search_songs(
            text=asked["query"],
            limit=asked["limit"],
            listener_id=listener.pk if listener else None,
            caller=get_caller(request),
        )
        found = replace(found, songs=tuple(avoid_refused(found.songs, listener)))
        return Response(SearchAnswerSerializer(found).data)


class SongView(APIView):
    """One song."""

    permission_classes = [Everyone]

    @document(
        "songs",
        {200: SongSerializer},
        errors=(404,),
        operation_id="get_song",
        summary="See one song",
    )
    def get(self, request: Request, reference: str) -> Response:
        song = songs.get_song(reference)
        [played] = avoid_refused([song], get_signed_in(request))
        return _answer_everybody(
            request, SongSerializer(played).data, is_personal=played is not song
        )


class SimilarSongsView(APIView):
    """Songs like one song."""

    permission_classes = [Everyone]

    @document(
        "songs",
        {200: SuggestionSerializer(many=True)},
        errors=(400, 404, 503),
        parameters=[LimitQuerySerializer],
        operation_id="similar_songs",
        summary="List songs like one song",
        description="Songs like one song, the most similar first; the same for everybody.",
    )
    def get(self, request: Request, reference: str) -> Response:
        asked = read_query(request, LimitQuerySerializer)
        similar = suggestions.similar_songs(reference=reference, limit=asked["limit"])
        found = avoid_refused(similar, get_signed_in(request))
        is_personal = list(similar) != found
        described = SuggestionSerializer(found, many=True).data
        return _answer_everybody(request, described, is_personal=is_personal)


class GenresView(APIView):
    """The genres of songs that can be suggested, most songs first."""

    permission_classes = [Everyone]

    @document(
        "songs",
        {200: GenreSerializer(many=True)},
        operation_id="list_genres",
        summary="List genres",
        description="The genres of songs that can be suggested, the fullest first.",
    )
    def get(self, request: Request) -> Response:
        return _answer_everybody(request, GenreSerializer(songs.list_genres(), many=True).data)
