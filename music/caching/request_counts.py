"""How often each caller asked in a minute, counted by all processes together in Redis."""

import hashlib

from redis import Redis

from . import parts

LIFE_SECONDS = 120
"""Twice the minute that a count is for: clocks of machines differ."""


def add_requests(caller: str, n_requests: int) -> int | None:
    """Add to what ``caller`` asked; returns the sum of all processes, ``None`` without Redis.

    ``caller`` names who and in which minute; only its digest leaves the process.
    """
    if not parts.client.is_configured:
        return None
    key = f"requests:{hashlib.blake2b(caller.encode(), digest_size=12).hexdigest()}"

    def add(redis: Redis) -> int:
        with redis.pipeline(transaction=False) as pipeline:
            pipeline.incrby(key, n_requests).expire(key, LIFE_SECONDS)
            return pipeline.execute()[0]

    return parts.client.call(add)
