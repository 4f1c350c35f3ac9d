"""Loads indexes in a new worker before its first requests, or beside them where that takes long."""

import gc
import logging
import threading
from collections.abc import Callable, Iterable

from django.db import connections

from music.catalogue import resolver
from music.catalogue.artists import load_loved
from music.catalogue.bundled import load_later_videos

from . import index
from .filters import list_languages
from .newcomers import read_newcomers
from .songs import list_genres

logger = logging.getLogger(__name__)


def warm_up_beside(others: Iterable[Callable[[], None]], when_done: Callable[[], None]) -> None:
    """Load the recommender's index, song names, and all else that lists of songs need in a thread.

    ``others`` are called after that, and ``when_done`` at the end, also when something could not
    be loaded.
    """
    arguments = (others, when_done)
    threading.Thread(target=_warm_up, args=arguments, name="warm-up", daemon=True).start()


def _warm_up(others: Iterable[Callable[[], None]], when_done: Callable[[], None]) -> None:
    try:
        index.get_snapshot()
        for load in (resolver.warm_up, load_loved, load_later_videos, list_genres, list_languages):
            load()
        read_newcomers(())
        for load in others:
            load()
        settle_memory()
    except Exception:
        # The first request that needs it loads it, and reports what is wrong.
        logger.exception("warming up failed")
    finally:
        connections.close_all()
        when_done()


def settle_memory() -> None:
    """Keep the garbage collector away from all objects that there are: they stay for good.

    Otherwise each full collection during a request would walk through some hundred thousand objects
    in vain.
    """
    gc.collect()
    gc.freeze()
