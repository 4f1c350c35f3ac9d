"""Suggestion lists as JSON, encoded once for each list that is cached in process.

The caches return the same list object again and again; describing and encoding it took as long as
everything else that a cached answer needs.
"""

from collections.abc import Mapping
from threading import Lock
from typing import Any

from cachetools import LRUCache
from rest_framework.renderers import JSONRenderer

from music.records import SuggestionList

from .serializers import describe_legacy_suggestions, describe_suggestions

MAX_PREPARED = 256
"""The number of encoded answers kept, about 15 KB each."""

_prepared: LRUCache[tuple[int, bool], tuple[SuggestionList, "PreparedAnswer"]] = LRUCache(
    MAX_PREPARED
)
_lock = Lock()


class PreparedAnswer(dict[str, Any]):
    """An answer, never changed, and ``encoded``, its JSON."""

    encoded: bytes = b""


class PreparedJSONRenderer(JSONRenderer):
    """Sends a prepared answer as it is; encodes all others, and those to be indented."""

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
    """Return ``answer`` as the API shows it (``is_legacy``: its older addresses), with its JSON."""
    # By identity: comparing lists word by word would take longer than the rest of a cached answer.
    key = id(answer), is_legacy
    with _lock:
        of, prepared = _prepared.get(key, (None, None))
    if of is not answer or prepared is None:
        prepared = _prepare(answer, is_legacy)
        with _lock:
            # The list itself is stored too, so that no other object gets its identity.
            _prepared[key] = answer, prepared
    return prepared


def prepare_legacy_suggestions(answer: SuggestionList) -> PreparedAnswer:
    """Return ``answer`` as the older addresses show it, with its JSON."""
    return prepare_suggestions(answer, is_legacy=True)


def _prepare(answer: SuggestionList, is_legacy: bool) -> PreparedAnswer:
    describe = describe_legacy_suggestions if is_legacy else describe_suggestions
    prepared = PreparedAnswer(describe(answer))
    prepared.encoded = JSONRenderer().render(prepared)
    return prepared
