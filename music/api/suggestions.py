"""API: suggestions for named songs, for what a listener likes, and for free text."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from music.domain import suggestions
from music.domain.filters import Filters
from music.domain.reports import avoid_refused_of
from tunetrace_site.replication.unit import manages_own_units

from .callers import (
    find_listener,
    get_caller,
    get_listener,
    get_listener_or_nobody,
    get_signed_in,
    keeps_songs,
)
from .encoded_lists import prepare_suggestions
from .fields import BodyForm
from .permissions import Everyone, ListenersAndServices
from .requests import (
    DiscoverRequestSerializer,
    OwnSuggestionsQuerySerializer,
    OwnSuggestionsRequestSerializer,
    read_body,
    read_query,
)
from .schema import document
from .serializers import (
    DiscoverAnswerSerializer,
    SuggestionListSerializer,
)
from .suggestion_request import SuggestionRequestSerializer, read_suggestion_request
from .warm_answers import remember_answer


@manages_own_units
class SuggestionsView(BodyForm, APIView):
    """Songs like the ones you name. A listener's songs become their likes.

    With a token or key that may only read, nothing is stored.
    """

    permission_classes = [Everyone]
    only_reads = True
    serializer_class = SuggestionRequestSerializer
    suggest = staticmethod(suggestions.suggest_for_songs)
    prepare = staticmethod(prepare_suggestions)

    @document(
        "suggestions",
        {200: SuggestionListSerializer},
        errors=(400, 401, 403, 503),
        request=SuggestionRequestSerializer,
        operation_id="suggest",
        summary="Suggest songs like the ones you name",
        description="Songs like the ones you name, the best first. A listener's songs become "
        "their likes; with a token or key that may only read, nothing is kept.",
    )
    def post(self, request: Request) -> Response:
        asked = read_suggestion_request(request.data)
        find = get_listener_or_nobody if keeps_songs(request) else find_listener
        listener = find(request, asked.user_id)
        # Whoever is stored only now, with their likes, has reported no video yet.
        known = None if listener is None or listener._state.adding else listener
        given = self.suggest(
            songs=asked.songs,
            listener=listener if keeps_songs(request) else None,
            genre=asked.genre or "",
            limit=asked.limit,
            adventurousness=asked.adventurousness,
            caller=get_caller(request),
        )
        prepared = self.prepare(avoid_refused_of(given.shown, known))
        remember_answer(request, listener, given, prepared)
        return Response(prepared)


@manages_own_units
class OwnSuggestionsView(BodyForm, APIView):
    """Songs for a listener, from all that they like; the best known ones to begin with.

    A list goes on to 200 songs: ask again without those that came. POST takes the same fields.
    """

    permission_classes = [ListenersAndServices]
    only_reads = True
    serializer_class = OwnSuggestionsRequestSerializer

    @document(
        "suggestions",
        {200: SuggestionListSerializer},
        errors=(400, 401, 403, 404, 503),
        parameters=[OwnSuggestionsQuerySerializer],
        operation_id="suggest_for_me",
        summary="Suggest songs from all that a listener likes",
        description="Songs for a listener from all that they like, the best first; the best "
        "known ones to begin with. A list goes on to 200 songs: ask again without "
        "those that came.",
    )
    def get(self, request: Request) -> Response:
        return self._answer(request, read_query(request, OwnSuggestionsQuerySerializer))

    @document(
        "suggestions",
        {200: SuggestionListSerializer},
        errors=(400, 401, 403, 404, 503),
        request=OwnSuggestionsRequestSerializer,
        operation_id="suggest_for_me_without",
        summary="Suggest songs from all that a listener likes, with a long list of exceptions",
        description="The same as GET; the body has room for all the songs that came.",
    )
    def post(self, request: Request) -> Response:
        return self._answer(request, read_body(request, OwnSuggestionsRequestSerializer))

    def _answer(self, request: Request, asked: dict[str, Any]) -> Response:
        listener = get_listener(request, asked.pop("user_id", None))
        asked["filters"] = Filters(
            decade=asked.pop("decade", None),
            mood=asked.pop("mood", ""),
            language=asked.pop("language", ""),
            plays=asked.pop("plays"),
            without=frozenset(asked.pop("without", ())),
        )
        if listener._state.adding:  # named by a front end, and not stored
            return Response(prepare_suggestions(suggestions.suggest_popular(**asked)))
        answer = suggestions.suggest_for_listener(listener=listener, **asked)
        return Response(prepare_suggestions(avoid_refused_of(answer, listener)))


@manages_own_units
class DiscoverView(BodyForm, APIView):
    """Songs for a free text, such as "sad 90s rock"."""

    permission_classes = [Everyone]
    only_reads = True
    serializer_class = DiscoverRequestSerializer
    answer_class: type[serializers.Serializer] = DiscoverAnswerSerializer
    discover = staticmethod(suggestions.discover)

    @document(
        "suggestions",
        {200: DiscoverAnswerSerializer},
        errors=(400, 503),
        request=DiscoverRequestSerializer,
        operation_id="discover",
        summary="Find songs for a free text",
        description='Songs for a free text such as "sad 90s rock", the best first. `read_as` '
        "says how it was read.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, DiscoverRequestSerializer)
        found = avoid_refused_of(self.discover(**asked), get_signed_in(request))
        answer = self.answer_class(
            {
                "query": asked["query"],
                "results": found.suggestions,
                "read_as": found.read_as,
                "notices": found.notices,
            }
        )
        return Response(answer.data)
