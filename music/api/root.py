"""The root of the API: a list of its parts, and a plain answer where there is nothing."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from music.errors import NotFound

from .permissions import Everyone

PARTS = (
    "suggestions",
    "discover",
    "liked-songs",
    "dismissals",
    "steering",
    "playbacks",
    "video-reports",
    "mixes",
    "shares",
    "songs",
    "genres",
    "imports",
    "me",
    "own-suggestions",
    "taste",
    "export",
    "tokens",
    "schema",
    "docs",
)


class RootView(APIView):
    """The TuneTrace API: name songs you like, get songs you will love next, and why."""

    permission_classes = [Everyone]

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        parts = {part: reverse(f"api:{part}", request=request) for part in PARTS}
        # A browser shows JSON, but downloads the document's default type.
        return Response({**parts, "schema": f"{parts['schema']}?format=json"})

    def get_view_name(self) -> str:
        return "API"


class NothingHereView(APIView):
    """Answers every other address with an error that a program can read."""

    permission_classes = [Everyone]
    throttle_classes = []
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise NotFound("There is nothing at this address.", hint="See /api/v1/docs/.")
