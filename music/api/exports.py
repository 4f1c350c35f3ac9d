"""API: a listener's songs as files in the formats of other programs."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from music.domain import library_export, mixes, suggestions
from music.domain.library_export import ExportedFile
from music.libraries.writing import FORMATS

from .callers import get_listener
from .likes import FORBIDDEN
from .permissions import ListenersAndServices
from .requests import ExportQuerySerializer, SuggestionsFileQuerySerializer, read_query
from .schema import document

_ANSWERS = {
    (200, kind.content_type): OpenApiTypes.ANY if "json" in kind.content_type else OpenApiTypes.STR
    for kind in FORMATS.values()
}
_ABOUT = (
    "A file in one of the formats "
    f"{', '.join(f'`{name}`' for name in FORMATS)}; docs/imports.md describes them."
)


class FileView(APIView):
    """A view that returns a file. ``?format=`` is the file's format; errors are always JSON."""

    permission_classes = [ListenersAndServices]

    def perform_content_negotiation(
        self, request: Request, force: bool = False
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer, whatever the query string names."""
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type


class LikesFileView(FileView):
    """All likes, newest first."""

    @document(
        "likes",
        _ANSWERS,
        errors=FORBIDDEN,
        parameters=[ExportQuerySerializer],
        operation_id="export_likes",
        summary="Export likes as a file",
        description=_ABOUT,
    )
    def get(self, request: Request) -> HttpResponse:
        asked = read_query(request, ExportQuerySerializer)
        listener = get_listener(request, asked.get("user_id"))
        return _answer(library_export.export_likes(listener=listener, kind=asked["format"]))


class SuggestionsFileView(FileView):
    """What is suggested to a listener at present."""

    @document(
        "suggestions",
        _ANSWERS,
        errors=(*FORBIDDEN, 503),
        parameters=[SuggestionsFileQuerySerializer],
        operation_id="export_suggestions",
        summary="Export suggestions as a file",
        description=_ABOUT,
    )
    def get(self, request: Request) -> HttpResponse:
        asked = read_query(request, SuggestionsFileQuerySerializer)
        listener, kind = get_listener(request, asked.pop("user_id", None)), asked.pop("format")
        if listener._state.adding:  # named by a front end, and not stored
            del asked["adventurousness"]
            found = suggestions.suggest_popular(**asked)
        else:
            found = suggestions.suggest_for_listener(listener=listener, **asked)
        return _answer(
            library_export.export_shown(
                "Suggestions", found.suggestions, listener=listener, kind=kind
            )
        )


class MixFileView(FileView):
    """The songs of a mix, in their order."""

    @document(
        "mixes",
        _ANSWERS,
        errors=(*FORBIDDEN, 404),
        parameters=[ExportQuerySerializer],
        operation_id="export_mix",
        summary="Export a mix as a file",
        description=_ABOUT,
    )
    def get(self, request: Request, token: str) -> HttpResponse:
        asked = read_query(request, ExportQuerySerializer)
        listener = get_listener(request, asked.get("user_id"))
        opened = mixes.open_mix(listener=listener, token=token)
        return _answer(
            library_export.export_shown(
                opened.mix.name, opened.songs, listener=listener, kind=asked["format"]
            )
        )


def _answer(exported: ExportedFile) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, exported.name),
        "X-Content-Type-Options": "nosniff",
    }
    kind = f"{exported.kind.content_type}; charset=utf-8"
    return HttpResponse(exported.body, content_type=kind, headers=headers)
