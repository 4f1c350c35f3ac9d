"""API: a listener's steering of suggestions by hidden artists and songs that count less."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from music.domain import steering

from .callers import get_listener, get_listener_of_query
from .creation import answer_made
from .fields import BodyForm
from .idempotency import CONFLICT
from .likes import FORBIDDEN, ListenerView
from .requests import ListenerQuerySerializer, SteeringRequestSerializer, read_body
from .schema import document
from .serializers import SteeringSerializer


class SteeringView(BodyForm, ListenerView):
    """Artists of whom nothing is suggested, and songs that count less; newest first."""

    serializer_class = SteeringRequestSerializer

    @document(
        "steering",
        {200: SteeringSerializer(many=True)},
        errors=FORBIDDEN,
        parameters=[ListenerQuerySerializer],
        operation_id="list_steering",
        summary="List what is suggested less",
        description="Artists of whom nothing is suggested, and songs that count less; newest "
        "first.",
    )
    def get(self, request: Request) -> Response:
        found = steering.list_steerings(listener=get_listener_of_query(request))
        return Response(SteeringSerializer(found, many=True).data)

    @document(
        "steering",
        {200: SteeringSerializer, 201: SteeringSerializer},
        errors=(*FORBIDDEN, 404, CONFLICT),
        request=SteeringRequestSerializer,
        operation_id="steer",
        summary="Hide an artist, or make a song count less",
        description="Twice is once.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, SteeringRequestSerializer)
        row = steering.steer(
            listener=get_listener(request, asked.get("user_id")),
            kind=asked["kind"],
            reference=asked["song_id"],
        )
        return answer_made(
            request,
            SteeringSerializer(row).data,
            was_made=row.was_made,
            route="one-steering",
            args=[row.kind, row.key],
        )


class OneSteeringView(ListenerView):
    """One steering, named by its kind and the key that the list gives."""

    @document(
        "steering",
        {200: SteeringSerializer},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="get_steering",
        summary="See one steering",
    )
    def get(self, request: Request, kind: str, key: str) -> Response:
        listener = get_listener_of_query(request)
        found = steering.get_steering(listener=listener, kind=kind, key=key)
        return Response(SteeringSerializer(found).data)

    @document(
        "steering",
        {204: None},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="undo_steering",
        summary="Undo a steering",
        description="Named by its kind and its key in the list; nothing happens if there is none.",
    )
    def delete(self, request: Request, kind: str, key: str) -> Response:
        steering.undo_steering(listener=get_listener_of_query(request), kind=kind, key=key)
        return Response(status=status.HTTP_204_NO_CONTENT)
