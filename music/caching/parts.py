"""The objects that tiers share, one each per process."""

import os
from pathlib import Path

from django.conf import settings

from .broadcast import Broadcast
from .generations import Generations
from .machine import MachineTier
from .near import NearTier
from .read_through import ReadThrough
from .redis_client import RedisClient
from .shared import RedisTier
from .write_notes import WriteNotes

generations = Generations()
client = RedisClient()
redis = RedisTier(client)
machine = MachineTier(generations)
notes = WriteNotes(client)
broadcast = Broadcast(generations, client, redis)
near = NearTier("near", "Suggestion lists in process", settings.NEAR_CACHE_ENTRIES, generations)
likes = NearTier("likes", "Liked songs", settings.NEAR_CACHE_ENTRIES, generations)
people = NearTier("people", "Listeners and keys", settings.NEAR_CACHE_ENTRIES, generations)
suggestions = ReadThrough(near, redis, machine, generations, broadcast)


def open_files() -> None:
    """Share state with the other processes through the files of ``STATE_DIR``."""
    directory = Path(settings.STATE_DIR)
    generations.open(directory)
    machine.open(directory)


def _forget_threads() -> None:
    for part in (client, broadcast, near, likes, people, suggestions):
        part.forget_threads()


open_files()
os.register_at_fork(after_in_child=_forget_threads)
