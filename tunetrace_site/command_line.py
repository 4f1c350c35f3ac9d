"""What commands have in common: progress that is shown to people only, and arguments that count."""

from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from django.core.management.base import OutputWrapper
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

_MOST_DIGITS = 18
INTERRUPTED = 130
"""The status of a command that Ctrl-C ended: 128 and the number of the signal."""


@contextmanager
def show_progress(
    stream: OutputWrapper | TextIO,
    *,
    unit: str,
    total: int | None = None,
    quiet: bool = False,
    about: str = "",
) -> Iterator[tqdm]:
    """A progress bar on standard error, silent where ``stream`` is no terminal, or ``quiet``.

    Log lines are written above it and do not break it.
    """
    is_silent = quiet or not stream.isatty()
    with tqdm(desc=about or None, total=total, unit=unit, disable=is_silent, leave=False) as bar:
        if is_silent:
            yield bar
            return
        with logging_redirect_tqdm(tqdm_class=type(bar)):
            yield bar


def count(text: str) -> int:
    """An argument that is a whole number, 0 or more; raises what argparse shows to people."""
    if not (text.isascii() and text.isdecimal()) or len(text) > _MOST_DIGITS:
        raise ArgumentTypeError(f"{text!r} is not a whole number, 0 or more")
    return int(text)
