"""Work that nobody waits for, done by one background thread per process.

A name is answered as soon as the videos that it may mean are known. The rest of long lists is
stored a moment later, with units of background jobs. Only then does a channel count as read: when
the process dies before, it is read again.
"""

import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

from django.db import connections

from music.models import Chore
from music.youtube.answers import PlaylistPage
from music.youtube.gateway import PAGE_SIZE
from music.youtube.prepaid import prepaid
from music.youtube.quota import BACKGROUND_CALLERS, HARVEST, UNITS

from .details import Fetching, Unstored
from .parallel_calls import Questions
from .uploads import CHANNEL_PAGES, Bookmark

GRACE_SECONDS = 0.5
"""A delay, so that the response under way does not share the processor with this work."""
MAX_WAITING = 20
"""Work beyond this is dropped: there will be another occasion."""

logger = logging.getLogger(__name__)
_waiting: set[Future[None]] = set()


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Videos, channels with unread pages, and channels that are read once all is stored."""

    videos: Unstored
    bookmarks: Sequence[Bookmark] = ()
    channel_ids: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.videos or self.bookmarks or self.channel_ids)


def store_beside(leftovers: Leftovers, *, caller: str) -> None:
    """Store ``leftovers`` in the background thread, or at once if the caller is not a request."""
    if not leftovers:
        return
    if caller in BACKGROUND_CALLERS:
        _Growth(caller).store(leftovers)
    else:
        run_beside(lambda: _Growth(HARVEST).store(leftovers))


def run_beside(action: Callable[[], object]) -> None:
    """Run ``action`` after all waiting work; drop it when too much is waiting."""
    if len(_waiting) < MAX_WAITING:
        future = _get_pool().submit(_run, action, time.monotonic())
        _waiting.add(future)
        future.add_done_callback(_waiting.discard)


def wait_for_growth() -> None:
    """Return when all work waiting in this process has been done."""
    for future in list(_waiting):
        future.result()


def _run(action: Callable[[], object], asked_at: float) -> None:
    time.sleep(max(asked_at + GRACE_SECONDS - time.monotonic(), 0))
    try:
        action()
    except Exception:
        logger.exception("the catalogue could not grow")
    finally:
        connections.close_all()


class _Growth:
    """Leftovers being stored, in the name of one caller of YouTube."""

    def __init__(self, caller: str) -> None:
        self._caller = caller
        self._lists = Questions()
        self._fetching = Fetching(caller)
        self._read: list[str] = []

    def store(self, leftovers: Leftovers) -> None:
        listed = leftovers.videos.listed
        self._fetching.add(listed)
        n_pages = CHANNEL_PAGES * len(leftovers.bookmarks)
        with prepaid(UNITS, 2 * n_pages + _count_pages(listed), self._caller):
            self._ask(leftovers.bookmarks)
            self._lists.answer_all()
            channel_ids = [*leftovers.channel_ids, *self._read]
            chores = [(Chore.Kind.CHANNEL, channel_id) for channel_id in channel_ids]
            self._fetching.store_all(leftovers.videos.described, chores)

    def _ask(self, bookmarks: Iterable[Bookmark]) -> None:
        for bookmark in bookmarks:
            bookmark.ask(self._lists, caller=self._caller, then=self._note)

    def _note(self, bookmark: Bookmark, page: PlaylistPage | None) -> None:
        self._fetching.add(page.records if page else ())
        if further := bookmark.after(page):
            self._ask([further])
        else:
            self._read.append(bookmark.channel_id)


def _count_pages(records: Sequence[object]) -> int:
    return -(-len(records) // PAGE_SIZE)


@lru_cache(maxsize=1)
def _get_pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "catalogue-growth")


# A forked worker has none of its parent's threads.
os.register_at_fork(after_in_child=_get_pool.cache_clear)
