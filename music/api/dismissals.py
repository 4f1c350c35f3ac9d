"""API: songs that a listener does not want to be suggested again."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from music.domain import dismissals

from .callers import get_listener, get_listener_of_query
from .creation import answer_made
from .fields import BodyForm
from .likes import FORBIDDEN, ListenerView
from .pagination import take_part
from .requests import (
    ListenerQuerySerializer,
    ListQuerySerializer,
    SongRequestSerializer,
    read_body,
    read_query,
    read_reference,
)
from .schema import document
from .serializers import DismissalSerializer


class DismissalsView(BodyForm, ListenerView):
    """Songs a listener does not want to be suggested again, newest first."""

    serializer_class = SongRequestSerializer

    @document(
        "dismissals",
        {200: DismissalSerializer(many=True)},
        errors=FORBIDDEN,
        parameters=[ListQuerySerializer],
        operation_id="list_dismissals",
        summary="List dismissed songs",
        description="Songs a listener does not want to be suggested again, newest first.",
    )
    def get(self, request: Request) -> Response:
        asked = read_query(request, ListQuerySerializer)
        listener = get_listener(request, asked.get("user_id"))
        part, headers = take_part(request, dismissals.list_dismissals(listener=listener), asked)
        return Response(DismissalSerializer(part, many=True).data, headers=headers)

    @document(
        "dismissals",
        {200: DismissalSerializer, 201: DismissalSerializer},
        errors=(*FORBIDDEN, 404),
        request=SongRequestSerializer,
        operation_id="dismiss_song",
        summary="Dismiss a song",
        description="Never suggest a song to the listener again; a like of it is removed.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, SongRequestSerializer)
        listener = get_listener(request, asked.get("user_id"))
        dismissal = dismissals.dismiss_song(
            listener=listener, reference=read_reference(asked) or ""
        )
        described = DismissalSerializer(dismissal).data
        return answer_made(
            request,
            described,
            was_made=dismissal.was_made,
            route="dismissal",
            args=[described["song_id"]],
        )


class DismissalView(ListenerView):
    """One dismissal."""

    @document(
        "dismissals",
        {200: DismissalSerializer},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="get_dismissal",
        summary="See one dismissal",
    )
    def get(self, request: Request, reference: str) -> Response:
        listener = get_listener_of_query(request)
        found = dismissals.get_dismissal(listener=listener, reference=reference)
        return Response(DismissalSerializer(found).data)

    @document(
        "dismissals",
        {204: None},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="undo_dismissal",
        summary="Undo a dismissal",
        description="The song may be suggested again.",
    )
    def delete(self, request: Request, reference: str) -> Response:
        listener = get_listener_of_query(request)
        dismissals.undo_dismissal(listener=listener, reference=reference)
        return Response(status=status.HTTP_204_NO_CONTENT)
