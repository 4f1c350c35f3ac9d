"""API: players' reports of videos that do not play."""

from rest_framework.request import Request
from rest_framework.response import Response

from music.domain import reports

from .callers import get_listener
from .fields import BodyForm
from .likes import FORBIDDEN, ListenerView
from .requests import ReportRequestSerializer, read_body
from .schema import document
from .serializers import SongSerializer


class VideoReportsView(BodyForm, ListenerView):
    """Reports that a video does not play."""

    serializer_class = ReportRequestSerializer

    @document(
        "songs",
        {200: SongSerializer},
        errors=(*FORBIDDEN, 404),
        request=ReportRequestSerializer,
        operation_id="report_video",
        summary="Report a video that does not play",
        description="Reports that YouTube's player failed with error 100, 101 or 150. The video "
        "is not offered to the listener again; the answer is its song with the video that plays "
        "instead, or null.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, ReportRequestSerializer)
        song = reports.report_video(
            listener=get_listener(request, asked.get("user_id")),
            video_id=asked["video_id"],
            code=asked["code"],
        )
        return Response(SongSerializer(song).data)
