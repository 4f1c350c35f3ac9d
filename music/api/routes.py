"""Routes with and without a trailing slash, and the form of song ids in addresses."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter


class ReferenceConverter(StringConverter):
    """A song's address, such as ``nirvana/come-as-you-are``, or a YouTube id."""

    regex = r"(?:[^/\x00-\x1f]+/)?[^/\x00-\x1f]+"


class ExactReferenceConverter(StringConverter):
    """The same with ids of the right length only, so that ``songs/low/similar`` is a song."""

    regex = r"(?:[^/\x00-\x1f]+/[^/\x00-\x1f]+|[A-Za-z0-9_-]{11})"


register_converter(ReferenceConverter, "song")
register_converter(ExactReferenceConverter, "exact_song")


def answer(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """Return ``route`` without and with a slash at its end; ``name`` is that of the former."""
    return [path(route, view, name=name), path(f"{route}/", view)]
