"""API: mixes, which are lists of songs that a listener saved under a name."""

import json
from typing import Any

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.models import User
from music.domain import mixes
from music.domain.mixes import OpenedMix
from music.domain.reports import avoid_refused
from music.models import Mix

from .callers import get_listener, get_listener_of_query
from .fields import BodyForm
from .idempotency import CONFLICT, ONCE, make_token
from .likes import FORBIDDEN, ListenerView
from .mix_serializers import (
    MixChangeSerializer,
    MixRequestSerializer,
    MixSerializer,
    OpenedMixSerializer,
)
from .requests import ListenerQuerySerializer, read_body
from .schema import document
from .serializers import SongSerializer


class MixesView(BodyForm, ListenerView):
    """A listener's mixes, last changed first."""

    serializer_class = MixRequestSerializer

    @document(
        "mixes",
        {200: MixSerializer(many=True)},
        errors=FORBIDDEN,
        parameters=[ListenerQuerySerializer],
        operation_id="list_mixes",
        summary="List saved mixes",
    )
    def get(self, request: Request) -> Response:
        found = mixes.list_mixes(listener=get_listener_of_query(request))
        return Response(MixSerializer(found, many=True).data)

    @document(
        "mixes",
        {201: OpenedMixSerializer},
        errors=(*FORBIDDEN, 404, CONFLICT),
        parameters=[ONCE],
        request=MixRequestSerializer,
        operation_id="save_mix",
        summary="Save songs as a mix",
        description="Saves songs under a name; `Location` is the address of the mix.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, MixRequestSerializer)
        listener = get_listener(request, asked.pop("user_id", None))
        sent = json.dumps(asked, sort_keys=True).encode()
        token = make_token(request, Mix, listener=listener, sent=sent)
        mix = mixes.save_mix(listener=listener, token=token, **asked)
        address = reverse("api:mix", args=[mix.token], request=request)
        return Response(
            _describe(mixes.show_mix(mix), listener),
            status=status.HTTP_201_CREATED,
            headers={"Location": address},
        )


class MixView(BodyForm, ListenerView):
    """One mix."""

    serializer_class = MixChangeSerializer

    @document(
        "mixes",
        {200: OpenedMixSerializer},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="get_mix",
        summary="See one mix with its songs",
    )
    def get(self, request: Request, token: str) -> Response:
        listener = get_listener_of_query(request)
        return Response(_describe(mixes.open_mix(listener=listener, token=token), listener))

    @document(
        "mixes",
        {200: OpenedMixSerializer},
        errors=(*FORBIDDEN, 404),
        request=MixChangeSerializer,
        operation_id="change_mix",
        summary="Rename a mix or change its songs",
        description="Rename a mix, or say which songs it has from now on, in their order.",
    )
    def patch(self, request: Request, token: str) -> Response:
        asked = read_body(request, MixChangeSerializer)
        listener = get_listener(request, asked.pop("user_id", None))
        mix = mixes.change_mix(listener=listener, token=token, **asked)
        return Response(_describe(mixes.show_mix(mix), listener))

    @document(
        "mixes",
        {204: None},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="delete_mix",
        summary="Delete a mix",
    )
    def delete(self, request: Request, token: str) -> Response:
        mixes.delete_mix(listener=get_listener_of_query(request), token=token)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _describe(opened: OpenedMix, listener: User) -> dict[str, Any]:
    songs = avoid_refused(opened.songs, listener)
    return {**MixSerializer(opened.mix).data, "songs": SongSerializer(songs, many=True).data}
