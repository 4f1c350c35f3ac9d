"""Suggestion lists as JSON, made once for each list that is kept in process.

The caches hand out the same list object again and again; describing and encoding it took as long
as everything else that a warm answer needs.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rest_framework.renderers import JSONRenderer

from music.records import SuggestionList

from .serializers import describe_legacy_suggestions, describe_suggestions

MAX_PREPARED = 256
"""About 15 KB each."""


class PreparedAnswer(dict[str, Any]):
    """An answer, never changed, and ``encoded``, its JSON."""

    encoded: bytes = b""


class PreparedJSONRenderer(JSONRenderer):
    """Sends a prepared answer as it is; encodes every other, and where indenting is asked for."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        context = renderer_context or {}
        is_indented = self.get_indent(accepted_media_type or "", context) is not None
        if isinstance(data, PreparedAnswer) and not is_indented:
            return data.encoded
        return super().render(data, accepted_media_type, context)


@lru_cache(MAX_PREPARED)
def prepare_suggestions(answer: SuggestionList) -> PreparedAnswer:
    """``answer`` as the API shows it, with its JSON."""
    return _prepare(describe_suggestions(answer))


@lru_cache(MAX_PREPARED)
def prepare_legacy_suggestions(answer: SuggestionList) -> PreparedAnswer:
    """``answer`` as the older addresses show it, with its JSON."""
    return _prepare(describe_legacy_suggestions(answer))


def _prepare(described: dict[str, Any]) -> PreparedAnswer:
    prepared = PreparedAnswer(described)
    prepared.encoded = JSONRenderer().render(prepared)
    return prepared
