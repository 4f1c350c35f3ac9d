"""API: what a listener shares at secret addresses, and what others see there."""

from typing import Any

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from music.domain import sharing
from music.domain.sharing import OpenList

from .callers import get_listener, get_listener_of_query
from .creation import answer_made
from .fields import BodyForm
from .likes import FORBIDDEN, ListenerView
from .permissions import Everyone
from .requests import ListenerQuerySerializer, read_body
from .schema import document
from .share_serializers import SharedListSerializer, ShareRequestSerializer, ShareSerializer


class SharesView(BodyForm, ListenerView):
    """The lists that a listener shares."""

    serializer_class = ShareRequestSerializer

    @document(
        "shares",
        {200: ShareSerializer(many=True)},
        errors=FORBIDDEN,
        parameters=[ListenerQuerySerializer],
        operation_id="list_shares",
        summary="List shared lists",
        description="The lists that the listener shares by a secret link, newest first.",
    )
    def get(self, request: Request) -> Response:
        found = sharing.list_open(listener=get_listener_of_query(request))
        return Response([_describe(request, opened) for opened in found])

    @document(
        "shares",
        {200: ShareSerializer, 201: ShareSerializer},
        errors=(*FORBIDDEN, 404),
        request=ShareRequestSerializer,
        operation_id="share",
        summary="Share likes, suggestions or a mix",
        description="Shows songs, and nothing about the listener, to everybody who has the link "
        "`url`. What is shared already keeps its link.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, ShareRequestSerializer)
        listener = get_listener(request, asked.get("user_id"))
        if mix := asked.get("mix"):
            opened = sharing.open_mix(listener=listener, token=mix)
        else:
            opened = sharing.open_songs(listener=listener, kind=asked["kind"])
        return answer_made(
            request,
            _describe(request, opened),
            was_made=opened.was_made,
            route="share",
            args=[opened.token],
        )


class ShareView(ListenerView):
    """One list that a listener shares."""

    @document(
        "shares",
        {200: ShareSerializer},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="get_share",
        summary="See one shared list",
    )
    def get(self, request: Request, token: str) -> Response:
        opened = sharing.get_open(listener=get_listener_of_query(request), token=token)
        return Response(_describe(request, opened))

    @document(
        "shares",
        {204: None},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="end_sharing",
        summary="End sharing",
        description="The link stops working for good; sharing the same again makes a new one.",
    )
    def delete(self, request: Request, token: str) -> Response:
        sharing.close_list(listener=get_listener_of_query(request), token=token)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SharedView(APIView):
    """The songs at a shared address, without the name of the listener."""

    permission_classes = [Everyone]

    @document(
        "shares",
        {200: SharedListSerializer},
        errors=(404,),
        operation_id="get_shared",
        summary="See the songs of a shared link",
        description="The songs that somebody shares by a link with this token.",
    )
    def get(self, request: Request, token: str) -> Response:
        return Response(SharedListSerializer(sharing.get_shared(token=token)).data)


def _describe(request: Request, opened: OpenList) -> dict[str, Any]:
    addresses = {
        "url": reverse("shared", args=[opened.token], request=request),
        "feed_url": reverse("shared_feed", args=[opened.token], request=request),
    }
    return ShareSerializer(opened, context=addresses).data
