"""Many songs at once: a playlist or a list becomes likes."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from music.domain import imports

from .callers import get_caller, get_listener
from .fields import BodyForm
from .likes import FORBIDDEN, ListenerView
from .requests import ImportRequestSerializer, ListenerQuerySerializer, read_body, read_query
from .schema import document
from .serializers import ImportSerializer


class ImportsView(BodyForm, ListenerView):
    """Start to import a YouTube playlist or a list of song names."""

    serializer_class = ImportRequestSerializer

    @document(
        "imports",
        {202: ImportSerializer},
        errors=FORBIDDEN,
        request=ImportRequestSerializer,
        operation_id="start_import",
        description="Starts an import; `Location` is where to ask for its progress.",
    )
    def post(self, request: Request) -> Response:
        asked = read_body(request, ImportRequestSerializer)
        job = imports.start_import(
            listener=get_listener(request, asked.get("user_id")),
            playlist=asked.get("playlist"),
            songs=asked.get("songs"),
        )
        address = reverse("api:import", args=[job.token], request=request)
        return Response(
            ImportSerializer(job).data,
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": address},
        )


class ImportView(ListenerView):
    """The progress of an import."""

    @document(
        "imports",
        {200: ImportSerializer},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="get_import",
        description="How far an import is. Asking does the next part of the work.",
    )
    def get(self, request: Request, token: str) -> Response:
        user_id = read_query(request, ListenerQuerySerializer).get("user_id")
        job = imports.advance_import(
            listener=get_listener(request, user_id), token=token, caller=get_caller(request)
        )
        return Response(ImportSerializer(job).data)
