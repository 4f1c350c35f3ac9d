"""Job: build this machine's index when enough songs or likes have changed."""

import subprocess

from django.conf import settings

from music.domain import training
from music.domain.index import BUILD_COMMAND
from music.errors import SourceUnavailable

LONGEST_SECONDS = 3600


def run_build() -> str:
    """Build the index if it is outdated, in a process of its own that frees its memory.

    Returns a sentence about the result. Raises ``SourceUnavailable`` where the builder failed.
    """
    if not settings.INDEX_AUTO_BUILD:
        return "INDEX_AUTO_BUILD is off."
    if not training.is_outdated():
        return "The index is up to date."
    built = subprocess.run(
        BUILD_COMMAND,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
    )
    if built.returncode:
        last = built.stderr.strip().rpartition("\n")[2]
        raise SourceUnavailable(f"build_index ended with status {built.returncode}: {last}")
    return built.stdout.strip() or "Another process was building it."
