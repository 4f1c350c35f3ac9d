"""Job: update this machine's file of song names, and the index, when enough has changed."""

import subprocess

from django.conf import settings

from music.catalogue import name_keeping
from music.domain import index_store, training
from music.domain.index import BUILD_COMMAND
from music.domain.index_store import StoreUnavailable
from music.errors import SourceUnavailable

LONGEST_SECONDS = 3600


def run_build() -> str:
    """Write the song names and build the index if they are outdated; return a sentence about it.

    Raises ``SourceUnavailable`` where the builder failed, and ``OSError`` where there is no room.
    """
    return f"{name_keeping.bring_up_to_date()} {_build_index()}"


def _build_index() -> str:
    """Build the index in a process of its own, which frees its memory.

    Where machines share an index, the command claims the build, for whoever runs it.
    """
    if not settings.INDEX_AUTO_BUILD:
        return "INDEX_AUTO_BUILD is off."
    try:
        has_published = index_store.is_shared() and index_store.meet_store()
    except StoreUnavailable as error:
        raise SourceUnavailable(str(error)) from error
    if not training.is_outdated():
        return "Published the index." if has_published else "The index is up to date."
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
