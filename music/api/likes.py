"""What a listener likes, dismisses and plays."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from music.domain import likes
from tunetrace_site.replication.unit import manages_own_units

from .callers import find_listener, get_caller, get_listener
from .fields import BodyForm
from .permissions import ListenersAndServices, OlderClientsToo
from .requests import (
    LikeChangeSerializer,
    LikeRequestSerializer,
    ListenerQuerySerializer,
    ListQuerySerializer,
    PlaybackRequestSerializer,
    SongRequestSerializer,
    cut,
    read_body,
    read_query,
    read_reference,
)
from .schema import document
from .serializers import (
    DismissalSerializer,
    LegacyLikeSerializer,
    LikeSerializer,
    describe_likes,
)

FORBIDDEN = (400, 401, 403)


class ListenerView(APIView):
    """A route about one listener: the caller, or the one that a service key names."""

    permission_classes = [ListenersAndServices]


@manages_own_units
class LikedSongsView(BodyForm, ListenerView):
    """A listener's likes, newest first."""

    permission_classes = [OlderClientsToo]
    serializer_class = LikeRequestSerializer
    answer_class: type[LegacyLikeSerializer] = LikeSerializer
    find_listener = staticmethod(find_listener)

    @document(
        "likes",
        {200: LikeSerializer(many=True)},
        errors=FORBIDDEN,
        parameters=[ListQuerySerializer],
        operation_id="list_likes",
    )
    def get(self, request: Request) -> Response:
        asked = read_query(request, ListQuerySerializer)
        user_id = asked.get("user_id")
        listener = self.find_listener(request, user_id) if user_id else get_listener(request, None)
        found = likes.list_likes(listener=listener)[cut(asked)] if listener else []
        return Response(describe_likes(found, self.answer_class))

    @document(
        "likes",
        {200: LikeSerializer},
        errors=(*FORBIDDEN, 404, 503),
        request=LikeRequestSerializer,
        operation_id="like_song",
        description="Like a song. Liking it again changes nothing.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, LikeRequestSerializer)
        like = likes.like_song(
            listener=get_listener(request, asked.get("user_id")),
            song_name=asked["song_name"],
            reference=read_reference(asked),
            caller=get_caller(request),
        )
        return Response(describe_likes([like])[0])


class LikedSongView(BodyForm, ListenerView):
    """One like."""

    serializer_class = LikeChangeSerializer

    @document(
        "likes",
        {200: LikeSerializer},
        errors=(*FORBIDDEN, 404),
        request=LikeChangeSerializer,
        operation_id="change_like",
        description="Say which song was meant, or whether to learn from this like.",
    )
    def patch(self, request: Request, like_id: int) -> Response:
        asked = read_body(request, LikeChangeSerializer)
        listener = get_listener(request, asked.get("user_id"))
        if {"song_id", "video_id"} & asked.keys():
            like = likes.correct_match(
                listener=listener, like_id=like_id, reference=read_reference(asked)
            )
        if "learn" in asked:
            like = likes.set_learning(listener=listener, like_id=like_id, learn=asked["learn"])
        return Response(describe_likes([like])[0])

    @document(
        "likes",
        {204: None},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="unlike_song",
    )
    def delete(self, request: Request, like_id: int) -> Response:
        user_id = read_query(request, ListenerQuerySerializer).get("user_id")
        likes.unlike_song(listener=get_listener(request, user_id), like_id=like_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DismissalsView(BodyForm, ListenerView):
    """Songs a listener does not want to be suggested again, newest first."""

    serializer_class = SongRequestSerializer

    @document(
        "dismissals",
        {200: DismissalSerializer(many=True)},
        errors=FORBIDDEN,
        parameters=[ListQuerySerializer],
        operation_id="list_dismissals",
    )
    def get(self, request: Request) -> Response:
        asked = read_query(request, ListQuerySerializer)
        listener = get_listener(request, asked.get("user_id"))
        found = likes.list_dismissals(listener=listener)[cut(asked)]
        return Response(DismissalSerializer(found, many=True).data)

    @document(
        "dismissals",
        {200: DismissalSerializer},
        errors=(*FORBIDDEN, 404),
        request=SongRequestSerializer,
        operation_id="dismiss_song",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, SongRequestSerializer)
        listener = get_listener(request, asked.get("user_id"))
        dismissal = likes.dismiss_song(listener=listener, reference=read_reference(asked))
        return Response(DismissalSerializer(dismissal).data)


class DismissalView(ListenerView):
    """One dismissal."""

    @document(
        "dismissals",
        {204: None},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="undo_dismissal",
    )
    def delete(self, request: Request, reference: str) -> Response:
        user_id = read_query(request, ListenerQuerySerializer).get("user_id")
        likes.undo_dismissal(listener=get_listener(request, user_id), reference=reference)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PlaybacksView(BodyForm, ListenerView):
    """What a listener plays and skips: implicit feedback."""

    serializer_class = PlaybackRequestSerializer

    @document(
        "playbacks",
        {204: None},
        errors=(*FORBIDDEN, 404),
        request=PlaybackRequestSerializer,
        operation_id="record_playback",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, PlaybackRequestSerializer)
        likes.record_playback(
            listener=get_listener(request, asked.get("user_id")),
            reference=read_reference(asked),
            kind=asked["kind"],
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
