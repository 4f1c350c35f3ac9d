"""Songs: found by name, looked at, and others like them."""

from dataclasses import replace

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


class SongsView(APIView):
    """Songs by name, the likeliest first."""

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
        [song] = avoid_refused([songs.get_song(reference)], get_signed_in(request))
        return Response(SongSerializer(song).data)


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
        return Response(SuggestionSerializer(found, many=True).data)


class GenresView(APIView):
    """The genres of songs that can be suggested, the fullest first."""

    permission_classes = [Everyone]

    @document(
        "songs",
        {200: GenreSerializer(many=True)},
        operation_id="list_genres",
        summary="List genres",
        description="The genres of songs that can be suggested, the fullest first.",
    )
    def get(self, request: Request) -> Response:
        return Response(GenreSerializer(songs.list_genres(), many=True).data)
