"""API: imports, in which a playlist, a list or a file becomes likes."""

import json
from typing import cast

from django.http import QueryDict
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from music.domain import import_review, imported_songs, imports
from music.errors import InvalidInput
from music.jobs.imports import wake_import
from music.models import PlaylistImport
from tunetrace_site.replication.unit import manages_own_units

from .callers import get_caller, get_listener, get_listener_of_query
from .fields import BodyForm
from .idempotency import CONFLICT, ONCE, make_token
from .import_requests import (
    FileRequestSerializer,
    ImportActionSerializer,
    ImportRequestSerializer,
    RowsQuerySerializer,
)
from .import_serializers import ImportRowSerializer, ImportSerializer, describe_import
from .likes import FORBIDDEN, ListenerView
from .pagination import take_part
from .parsers import StrictJSONParser, refuse_unstorable_text
from .requests import ListenerQuerySerializer, read_body, read_query, read_reference
from .schema import document

_TOO_LARGE = 413
_ONE_FILE = "Send one file in the field file."


@manages_own_units
class ImportsView(BodyForm, ListenerView):
    """Start to import a YouTube playlist, a list of song names, or a file."""

    parser_classes = [StrictJSONParser, MultiPartParser]
    serializer_class = ImportRequestSerializer

    @document(
        "imports",
        {202: ImportSerializer},
        errors=(*FORBIDDEN, CONFLICT, _TOO_LARGE),
        parameters=[ONCE],
        request={
            "application/json": ImportRequestSerializer,
            "multipart/form-data": FileRequestSerializer,
        },
        operation_id="start_import",
        summary="Import songs",
        description="Starts an import; `Location` is where to ask for its progress. Songs "
        "that are surely recognised are liked at once, those of a file only after a review, unless "
        "`review` says otherwise.",
    )
    def post(self, request: Request) -> Response:
        is_form = (request.content_type or "").startswith("multipart/form-data")
        job = _start_file(request) if is_form else _start(request)
        wake_import(job)
        address = reverse("api:import", args=[job.token], request=request)
        return Response(
            describe_import(job),
            status=status.HTTP_202_ACCEPTED,
            headers={"Location": address},
        )


def _start(request: Request) -> PlaylistImport:
    asked = read_body(request, ImportRequestSerializer)
    listener = get_listener(request, asked.get("user_id"))
    sent = json.dumps(asked, sort_keys=True).encode()
    token = make_token(request, PlaylistImport, listener=listener, sent=sent)
    return imports.start_import(
        listener=listener,
        token=token,
        playlist=asked.get("playlist"),
        songs=asked.get("songs"),
        wants_review=asked["review"],
        caller=get_caller(request),
    )


def _start_file(request: Request) -> PlaylistImport:
    files = request.FILES.getlist("file")
    if len(files) != 1 or len(request.FILES) != 1:
        raise InvalidInput("file", _ONE_FILE)
    sent = cast(QueryDict, request.data)
    fields = {name: value for name, value in sent.items() if name != "file"}
    refuse_unstorable_text(fields)
    form = FileRequestSerializer(data={**fields, "file": files[0]})
    form.is_valid(raise_exception=True)
    asked = form.validated_data
    data, listener = files[0].read(), get_listener(request, asked.get("user_id"))
    told = b"%d:%b" % (asked["review"], data)
    token = make_token(request, PlaylistImport, listener=listener, sent=told)
    file = imports.read_song_file(data=data, file_name=files[0].name or "")
    return imports.start_file_import(
        listener=listener,
        token=token,
        file=file,
        wants_review=asked["review"],
        caller=get_caller(request),
    )


class ImportView(ListenerView):
    """The progress of an import."""

    @document(
        "imports",
        {200: ImportSerializer},
        errors=(*FORBIDDEN, 404),
        parameters=[ListenerQuerySerializer],
        operation_id="get_import",
        summary="See the progress of an import",
        description="The progress of an import, which goes on by itself.",
    )
    def get(self, request: Request, token: str) -> Response:
        return Response(describe_import(_get_job(request, token)))


class ImportRowsView(ListenerView):
    """The state of each row of an import, in the order of the file."""

    @document(
        "imports",
        {200: ImportRowSerializer(many=True)},
        errors=(*FORBIDDEN, 404),
        parameters=[RowsQuerySerializer],
        operation_id="list_import_rows",
        summary="List the rows of an import",
        description="The result of each row of an import, in the order of the file.",
    )
    def get(self, request: Request, token: str) -> Response:
        asked = read_query(request, RowsQuerySerializer)
        job = _get_job(request, token)
        rows = imported_songs.list_rows(job, state=asked.get("state", ""))
        part, headers = take_part(request, rows, asked)
        return Response(ImportRowSerializer(part, many=True).data, headers=headers)


@manages_own_units
class ImportActionsView(BodyForm, ListenerView):
    """A listener's decisions about an import, or about one of its rows."""

    serializer_class = ImportActionSerializer

    @document(
        "imports",
        {200: ImportSerializer},
        errors=(*FORBIDDEN, 404, CONFLICT),
        request=ImportActionSerializer,
        operation_id="change_import",
        summary="Decide about an import",
        description="`pause`, `resume`, `cancel`; `like` a `pile`: `sure`, `doubtful` (each by its "
        "first candidate) or `missing` (in its words); `finish`: leave the rest out. Of the row "
        "`number`: `choose` a `song_id` or `video_id`, `reword` with `words`, `keep` its words, "
        "`leave` it out.",
    )
    def post(self, request: Request, token: str) -> Response:
        asked = read_body(request, ImportActionSerializer)
        job = import_review.act(
            listener=get_listener(request, asked.get("user_id")),
            token=token,
            action=asked["action"],
            pile=asked.get("pile", ""),
            number=asked.get("number", 0),
            reference=read_reference(asked) or "",
            words=asked.get("words", ""),
        )
        wake_import(job)
        return Response(describe_import(job))


def _get_job(request: Request, token: str) -> PlaylistImport:
    return imports.get_import(listener=get_listener_of_query(request), token=token)
