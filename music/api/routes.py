"""One route, with and without a trailing slash."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path


def answer(route: str, view: Callable[..., Any], name: str) -> list[URLPattern]:
    """``route`` (without a slash at its end) and the same with one; ``name`` is the former."""
    return [path(route, view, name=name), path(f"{route}/", view)]
