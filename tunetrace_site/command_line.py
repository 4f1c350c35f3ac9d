"""Shared parts of commands: a progress bar for people, and an argument type for counts."""

from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from django.core.management.base import OutputWrapper
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

_MOST_DIGITS = 18
INTERRUPTED = 130
"""The exit status of a command that Ctrl-C ended: 128 plus the number of the signal."""


@contextmanager
def show_progress(
    stream: OutputWrapper | TextIO,
    *,
    unit: str,
    total: int | None = None,
    quiet: bool = False,
    about: str = "",
) -> Iterator[tqdm]:
    """Yield a progress bar on standard error, silent if ``stream`` is no terminal, or ``quiet``.

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
    """Parse an argument that is a whole number, 0 or more; raise argparse's error otherwise."""
    if not (text.isascii() and text.isdecimal()) or len(text) > _MOST_DIGITS:
        raise ArgumentTypeError(f"{text!r} is not a whole number, 0 or more")
    return int(text)
