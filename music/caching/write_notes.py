"""Notes in Redis of who has written lately, so that they read their own writes on every machine.

Such a caller reads from the primary for a while (``replica_reads.py``). Whoever sends a request
that writes is noted (``accounts/caller_names.py``), and a listener whenever something of theirs
changes, whoever changed it, a job too (``broadcast.py``).
"""

from collections.abc import Iterable

from redis import Redis

from tunetrace_site.replication.databases import list_replicas
from tunetrace_site.replication.replica_reads import NOTE_SECONDS

from .keys import is_listener_scope, writer_key
from .redis_client import RedisClient

_LIFE = round(NOTE_SECONDS * 1000)


class WriteNotes:
    """Notes of writers in the Redis of ``client``."""

    def __init__(self, client: RedisClient) -> None:
        self._client = client

    def remember(self, callers: list[str]) -> bool:
        """Note that ``callers`` have written now; return whether Redis has it."""
        return bool(self._client.call(lambda redis: _note(redis, callers)))

    def have_written(self, callers: list[str]) -> bool:
        """Return whether one of ``callers`` has written lately, or Redis cannot tell."""
        keys = [writer_key(caller) for caller in callers]
        found = self._client.call(lambda redis: redis.exists(*keys))
        return found is None or found > 0


def note_listener(redis: Redis, scope: str) -> None:
    """Note the listener of whom something has changed: the one whose scope this is, if it is one.

    Does nothing on a site without replicas.
    """
    if is_listener_scope(scope) and list_replicas():
        _note(redis, [scope])


def _note(redis: Redis, callers: Iterable[str]) -> bool:
    with redis.pipeline(transaction=False) as pipeline:
        for caller in callers:
            pipeline.set(writer_key(caller), 1, px=_LIFE)
        pipeline.execute()
    return True
