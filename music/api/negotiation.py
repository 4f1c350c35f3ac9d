"""Content negotiation: the renderer of a response."""

from collections.abc import Iterable
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

ANYTHING = frozenset({"*/*", "application/json"})


class QuickNegotiation(DefaultContentNegotiation):
    """Chooses JSON, the first renderer, at once for a program that accepts it; else as DRF does."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        accepted: Any = request.META.get("HTTP_ACCEPT", "*/*")
        is_plain = accepted in ANYTHING and not request.META.get("QUERY_STRING")
        first = next(iter(renderers))
        if is_plain and not format_suffix and first.media_type == "application/json":
            return first, first.media_type
        return super().select_renderer(request, renderers, format_suffix)
