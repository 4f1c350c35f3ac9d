"""Suggestion lists as JSON, made once for each list that is kept in process.

The caches hand out the same list object again and again; describing and encoding it took as long
as everything else that a warm answer needs.
"""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from cachetools import LRUCache
from rest_framework.renderers import JSONRenderer

from music.records import SuggestionList

from .serializers import describe_legacy_suggestions, describe_suggestions

MAX_PREPARED = 256
"""About 15 KB each."""

_prepared: LRUCache[tuple[int, bool], tuple[SuggestionList, "PreparedAnswer"]] = LRUCache(
    MAX_PREPARED
)
_lock = Lock()


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


def prepare_suggestions(answer: SuggestionList, *, is_legacy: bool = False) -> PreparedAnswer:
    """``answer`` as the API (or, ``is_legacy``, the older addresses) shows it, with its JSON."""
    # By identity: to compare lists word by word would take longer than the rest of a warm answer.
    key = id(answer), is_legacy
    with _lock:
        of, prepared = _prepared.get(key, (None, None))
    if of is not answer or prepared is None:
        prepared = _prepare(answer, is_legacy)
        with _lock:
            # With the list itself, so that its identity is nobody else's.
            _prepared[key] = answer, prepared
    return prepared


def prepare_legacy_suggestions(answer: SuggestionList) -> PreparedAnswer:
    """``answer`` as the older addresses show it, with its JSON."""
    return prepare_suggestions(answer, is_legacy=True)


def _prepare(answer: SuggestionList, is_legacy: bool) -> PreparedAnswer:
    describe = describe_legacy_suggestions if is_legacy else describe_suggestions
    prepared = PreparedAnswer(describe(answer))
    prepared.encoded = JSONRenderer().render(prepared)
    return prepared
