"""Parallel requests to YouTube.

The threads here only use the network. Quota is counted beforehand (``prepaid``), and the answers go
to the thread that asked, which stores them and may ask more.
"""

import contextvars
import logging
import os
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connections

from music.errors import SourceError, SourceNotFound
from music.youtube.transport import MAX_CONNECTIONS

N_THREADS = MAX_CONNECTIONS
"""The most calls under way at once in a process, for all callers together."""

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Questions:
    """Requests under way and the functions that handle their answers. For use by one thread."""

    def __init__(self) -> None:
        self._open: dict[Future[Any], Callable[[Any], None]] = {}
        self._n_asked = 0
        self._errors: list[SourceError] = []

    def ask(self, question: Callable[[], Answer], then: Callable[[Answer | None], None]) -> None:
        """Send a request; ``then`` gets the answer, or None if the thing does not exist.

        ``then`` is called by ``answer_all``, and not at all after another ``SourceError``.
        """
        future = _get_pool().submit(contextvars.copy_context().run, _ask, question)
        self._open[future] = then
        self._n_asked += 1

    def answer_all(self) -> None:
        """Wait for all answers and handle each as it comes, also those that lead to new requests.

        Logs once how many failed, and why the first did. Raises errors other than ``SourceError``.
        """
        while self._open:
            wait(self._open, return_when=FIRST_COMPLETED)
            for future in [future for future in self._open if future.done()]:
                self._answer(future)
        if self._errors:
            n_answered = self._n_asked - len(self._errors)
            logger.warning(
                "YouTube answered %d of %d: %s", n_answered, self._n_asked, self._errors[0]
            )
        self._n_asked, self._errors = 0, []

    def _answer(self, future: Future[Any]) -> None:
        then = self._open.pop(future)
        try:
            then(future.result())
        except SourceError as error:
            self._errors.append(error)


def _ask(question: Callable[[], Answer]) -> Answer | None:
    try:
        return question()
    except SourceNotFound:
        return None
    finally:
        connections.close_all()  # opened only by calls that count their own quota


@lru_cache(maxsize=1)
def _get_pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(N_THREADS, "youtube")


# A forked worker has none of its parent's threads.
os.register_at_fork(after_in_child=_get_pool.cache_clear)
