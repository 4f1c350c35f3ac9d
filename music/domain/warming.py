"""Loads indexes in a new worker while it serves its first requests, so that none has to wait."""

import gc
import logging
import threading
from collections.abc import Callable, Iterable

from django.db import connections

from music.catalogue import resolver

from . import index

logger = logging.getLogger(__name__)


def warm_up_beside(others: Iterable[Callable[[], None]], when_done: Callable[[], None]) -> None:
    """Load the recommender's index and the index of song names in a thread of their own.

    ``others`` are called after that, and ``when_done`` at the end, also when something could not
    be loaded.
    """
    arguments = (others, when_done)
    threading.Thread(target=_warm_up, args=arguments, name="warm-up", daemon=True).start()


def _warm_up(others: Iterable[Callable[[], None]], when_done: Callable[[], None]) -> None:
    try:
        index.get_snapshot()
        resolver.warm_up()
        for load in others:
            load()
        # All of this stays for good: otherwise each full garbage collection during a request would
        # walk through some hundred thousand objects in vain.
        gc.collect()
        gc.freeze()
    except Exception:
        # The first request that needs it loads it, and reports what is wrong.
        logger.exception("warming up failed")
    finally:
        connections.close_all()
        when_done()
