"""Songs: found by name, looked at, and others like them."""

from django.utils.cache import patch_cache_control
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from music.domain import songs, suggestions

from .callers import get_caller
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
"""So long a cache may answer in our place; then it asks whether its answer is still right."""


def _answer_everybody(request: Request, data: object) -> Response:
    """An answer that is the same for everybody, which caches may keep. In a browser it is a page
    that says who is signed in, which none may.
    """
    response = Response(data)
    if request.accepted_renderer.format == "json":
        patch_cache_control(response, public=True, max_age=PUBLIC_SECONDS)
    return response


class SongsView(APIView):
    """Songs by name, the likeliest first."""

    permission_classes = [Everyone]

    @document(
        "songs",
        {200: SearchAnswerSerializer},
        errors=(400, 503),
        parameters=[SearchQuerySerializer],
        operation_id="search_songs",
    )
    def get(self, request: Request) -> Response:
        asked = read_query(request, SearchQuerySerializer)
        listener_id = request.user.pk if isinstance(request.user, User) else None
        found = songs.search_songs(
            text=asked["query"],
            limit=asked["limit"],
            listener_id=listener_id,
            caller=get_caller(request),
        )
        return Response(SearchAnswerSerializer(found).data)


class SongView(APIView):
    """One song."""

    permission_classes = [Everyone]

    @document("songs", {200: SongSerializer}, errors=(404,), operation_id="get_song")
    def get(self, request: Request, reference: str) -> Response:
        return _answer_everybody(request, SongSerializer(songs.get_song(reference)).data)


class SimilarSongsView(APIView):
    """Songs like one song."""

    permission_classes = [Everyone]

    @document(
        "songs",
        {200: SuggestionSerializer(many=True)},
        errors=(400, 404, 503),
        parameters=[LimitQuerySerializer],
        operation_id="similar_songs",
    )
    def get(self, request: Request, reference: str) -> Response:
        asked = read_query(request, LimitQuerySerializer)
        found = suggestions.similar_songs(reference=reference, limit=asked["limit"])
        return _answer_everybody(request, SuggestionSerializer(found, many=True).data)


class GenresView(APIView):
    """The genres of songs that can be suggested, the fullest first."""

    permission_classes = [Everyone]

    @document("songs", {200: GenreSerializer(many=True)}, operation_id="list_genres")
    def get(self, request: Request) -> Response:
        return _answer_everybody(request, GenreSerializer(songs.list_genres(), many=True).data)
