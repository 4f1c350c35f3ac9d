"""API: a listener's likes and playbacks."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from music.domain import likes, listens
from music.domain.like_lists import LikePages, like_all, remove_likes
from music.domain.reports import list_refused
from tunetrace_site.replication.unit import manages_own_units

from .callers import find_listener, get_caller, get_listener, get_listener_of_query
from .creation import answer_made
from .fields import BodyForm
from .like_requests import (
    LikesQuerySerializer,
    ManyLikesRequestSerializer,
    UnlikeManyRequestSerializer,
)
from .pagination import take_part
from .permissions import ListenersAndServices, OlderClientsToo
from .requests import (
    LikeChangeSerializer,
    LikeRequestSerializer,
    ListenerQuerySerializer,
    PlaybackRequestSerializer,
    read_body,
    read_query,
    read_reference,
)
from .schema import document
from .serializers import (
    LikeSerializer,
    RemovedCountSerializer,
    describe_like,
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
    describe = staticmethod(describe_like)
    find_listener = staticmethod(find_listener)

    @document(
        "likes",
        {200: LikeSerializer(many=True)},
        errors=FORBIDDEN,
        parameters=[LikesQuerySerializer],
        operation_id="list_likes",
        summary="List likes",
        description="A listener's likes, newest first unless `order` says otherwise. "
        "`X-Total-Count` says how many there are, and `Link` where the next part is.",
    )
    def get(self, request: Request) -> Response:
        asked = read_query(request, LikesQuerySerializer)
        user_id = asked.get("user_id")
        listener = self.find_listener(request, user_id) if user_id else get_listener(request, None)
        if listener is None:
            return Response([])
        found = LikePages(
            listener=listener,
            text=asked.get("query", ""),
            order=asked["order"],
            only_missing=asked["missing"],
            unwanted=list_refused(listener.pk),
        )
        part, headers = take_part(request, found, asked)
        return Response([self.describe(like) for like in part], headers=headers)

    @document(
        "likes",
        {200: LikeSerializer, 201: LikeSerializer},
        errors=(*FORBIDDEN, 404, 503),
        request=LikeRequestSerializer,
        operation_id="like_song",
        summary="Like a song",
        description="Like a song. Liking it again changes nothing, and is answered with 200.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, LikeRequestSerializer)
        like = likes.like_song(
            listener=get_listener(request, asked.get("user_id")),
            song_name=asked.get("song_name", ""),
            reference=read_reference(asked),
            caller=get_caller(request),
        )
        return answer_made(
            request,
            describe_likes([like])[0],
            was_made=like.was_made,
            route="liked-song",
            args=[like.pk],
        )


@manages_own_units
class ManyLikedSongsView(BodyForm, ListenerView):
    """Likes many songs at once."""

    serializer_class = ManyLikesRequestSerializer

    @document(
        "likes",
        {200: LikeSerializer(many=True)},
        errors=(*FORBIDDEN, 404, 503),
        request=ManyLikesRequestSerializer,
        operation_id="like_songs",
        summary="Like many songs at once",
        description="Likes up to 50 songs by name and up to 50 by id. The answer has the like of "
        "each: first of the names, then of the ids, in their order, each like once.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, ManyLikesRequestSerializer)
        found = like_all(
            listener=get_listener(request, asked.get("user_id")),
            song_names=asked.get("songs", ()),
            references=asked.get("song_ids", ()),
            caller=get_caller(request),
        )
        return Response(describe_likes(found))


class UnlikedSongsView(BodyForm, ListenerView):
    """Removes many likes at once."""

    serializer_class = UnlikeManyRequestSerializer

    @document(
        "likes",
        {200: RemovedCountSerializer},
        errors=FORBIDDEN,
        request=UnlikeManyRequestSerializer,
        operation_id="unlike_songs",
        summary="Remove many likes at once",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, UnlikeManyRequestSerializer)
        listener = get_listener(request, asked.get("user_id"))
        removed = remove_likes(listener=listener, like_ids=[int(pk) for pk in asked["ids"]])
        return Response({"n_removed": len(removed)})


class LikedSongView(BodyForm, ListenerView):
    """One like."""

    serializer_class = LikeChangeSerializer

    @document(
        "likes",
        {200: LikeSerializer},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="get_like",
        summary="See one like",
    )
    def get(self, request: Request, like_id: int) -> Response:
        like = likes.get_like(listener=get_listener_of_query(request), like_id=like_id)
        return Response(describe_likes([like])[0])

    @document(
        "likes",
        {200: LikeSerializer},
        errors=(*FORBIDDEN, 404),
        request=LikeChangeSerializer,
        operation_id="change_like",
        summary="Change a like",
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
        summary="Remove a like",
    )
    def delete(self, request: Request, like_id: int) -> Response:
        likes.unlike_song(listener=get_listener_of_query(request), like_id=like_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PlaybacksView(BodyForm, ListenerView):
    """Records what a listener plays and skips: implicit feedback."""

    serializer_class = PlaybackRequestSerializer

    @document(
        "playbacks",
        {204: None},
        errors=(*FORBIDDEN, 404),
        request=PlaybackRequestSerializer,
        operation_id="record_playback",
        summary="Record a playback",
        description="Records that a listener played or skipped a song; it counts for suggestions.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, PlaybackRequestSerializer)
        listens.record_playback(
            listener=get_listener(request, asked.get("user_id")),
            reference=read_reference(asked) or "",
            kind=asked["kind"],
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
