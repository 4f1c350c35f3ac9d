"""One route, with and without a trailing slash; and what a song's id looks like in an address."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path, register_converter
from django.urls.converters import StringConverter


class SongIdConverter(StringConverter):
    """A YouTube id, or a catalogue id such as ``catalogue:nirvana/come-as-you-are``."""

    regex = r"catalogue:[^/\x00-\x1f]+/[^/\x00-\x1f]+|[^/\x00-\x1f]+"


register_converter(SongIdConverter, "song_id")


def answer(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """``route`` (without a slash at its end) and the same with one; ``name`` is the former."""
    return [path(route, view, name=name), path(f"{route}/", view)]
