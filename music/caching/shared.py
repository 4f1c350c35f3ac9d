"""Tier 1: suggestion lists in Redis, for all processes of all machines."""

import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from django.conf import settings
from redis import Redis

from . import encoding
from .keys import CacheKey
from .redis_client import RedisClient
from .tiers import TierStats, vary

LEASE_SECONDS = 10.0
"""After this time another process may compute what a dead one had begun."""
_TAKE = """
if redis.call('exists', unpack(KEYS)) > 0 then return 0 end
for _, name in ipairs(KEYS) do redis.call('set', name, ARGV[1], 'px', ARGV[2]) end
return 1
"""
_RELEASE = """
for _, name in ipairs(KEYS) do
  if redis.call('get', name) == ARGV[1] then redis.call('del', name) end
end
"""


class Shared(NamedTuple):
    """A value in a shared tier, with the seconds it stays fresh, and then stale."""

    value: Any
    fresh_seconds: float
    stale_seconds: float


class Look(NamedTuple):
    """The result of a read, and the generation to pass to ``store``; None: Redis did not answer."""

    found: Shared | None
    generation: str | None


NOWHERE = Look(None, None)


@dataclass(frozen=True, slots=True)
class RedisLease:
    """The right, until released or expired, to compute the values of some keys."""

    client: RedisClient
    names: tuple[str, ...]
    token: str

    def release(self) -> None:
        self.client.call(
            lambda redis: redis.eval(_RELEASE, len(self.names), *self.names, self.token)
        )


class RedisTier:
    """Suggestion lists in Redis, each a JSON object with value, freshness and generation."""

    name = "redis"
    title = "Suggestion lists in Redis"
    max_entries = None
    is_per_process = False

    def __init__(self, client: RedisClient) -> None:
        self.client = client
        self.stats = TierStats(self.name)

    def look(self, key: CacheKey) -> Look:
        """Return the value of ``key``, unless it has expired or one of its scopes changed."""
        answers = self.client.call(lambda redis: redis.mget([key, *_generation_keys(key)]))
        if answers is None:
            return NOWHERE
        stored, *numbers = cast(list[bytes | None], answers)
        generation = _join(numbers)
        found = self._read(stored, generation) if stored is not None else None
        self._count(found)
        return Look(found, generation)

    def read_generation(self, scopes: Iterable[str]) -> str | None:
        """Return the generation of ``scopes`` over all machines.

        None when Redis does not answer.
        """
        names = [_generation_key(scope) for scope in scopes]
        numbers = self.client.call(lambda redis: redis.mget(names))
        return None if numbers is None else _join(cast(list[bytes | None], numbers))

    def store(
        self,
        key: CacheKey,
        value: Any,
        *,
        fresh_seconds: float,
        stale_seconds: float,
        generation: str | None,
    ) -> bool:
        """Store ``value``, computed after the read that gave ``generation``.

        Return False on failure.
        """
        if generation is None:
            return False
        fresh_seconds = vary(fresh_seconds)
        entry = {
            **encoding.encode(value),
            "fresh_until": round(time.time() + fresh_seconds, 3),
            "stale_seconds": stale_seconds,
            "generation": generation,
        }
        life = max(1, round((fresh_seconds + stale_seconds) * 1000))
        return bool(self.client.call(lambda redis: redis.set(key, encoding.dump(entry), px=life)))

    def try_lease(self, *keys: CacheKey) -> RedisLease | None:
        """Return the right to compute all of ``keys``; None when another has it for one of them.

        Raises ``LeaseUnavailable`` if Redis is down.
        """
        names = tuple(f"lease:{key}" for key in keys)
        lease = RedisLease(self.client, names, secrets.token_hex(8))
        life = round(LEASE_SECONDS * 1000)
        is_mine = self.client.call(
            lambda redis: redis.eval(_TAKE, len(names), *names, lease.token, life)
        )
        if is_mine is None:
            raise LeaseUnavailable
        return lease if is_mine else None

    def change(self, redis: Redis, scope: str) -> None:
        """Invalidate every entry with ``scope``, for all machines."""
        # It must outlive every entry that carries an older number, or none.
        life = 2 * (settings.REDIS_TTL_SECONDS + settings.STALE_SECONDS)
        redis.set(_generation_key(scope), secrets.token_hex(8), ex=life)

    def delete(self, *keys: str | bytes) -> int | None:
        """Delete entries; return how many there were, or None when Redis does not answer."""
        return self.client.call(lambda redis: redis.unlink(*keys))

    def describe_state(self) -> str:
        if not self.client.is_configured:
            return "off"
        return {"closed": "on"}.get(self.client.breaker.state, "down")

    def measure(self) -> tuple[int | None, int | None]:
        """Return the keys in the Redis database, and the memory of the server in bytes."""
        n_keys = self.client.call(lambda redis: redis.dbsize())
        memory = self.client.call(lambda redis: redis.info("memory"))
        return n_keys, (memory or {}).get("used_memory")

    def _read(self, stored: bytes, generation: str) -> Shared | None:
        try:
            entry = encoding.load(stored)
            if entry["generation"] != generation:
                return None
            fresh_seconds = entry["fresh_until"] - time.time()
            stale_seconds = entry["stale_seconds"] + min(0.0, fresh_seconds)
            return Shared(encoding.decode(entry), fresh_seconds, stale_seconds)
        except (ValueError, TypeError, KeyError):
            self.stats.errors.increment()
            return None

    def _count(self, found: Shared | None) -> None:
        if found is None:
            self.stats.misses.increment()
        elif found.fresh_seconds > 0:
            self.stats.hits.increment()
        else:
            self.stats.stale.increment()


class LeaseUnavailable(Exception):
    """Redis cannot grant leases now."""


def _generation_key(scope: str) -> str:
    return f"generation:{scope}"


def _join(numbers: Iterable[bytes | None]) -> str:
    return "/".join((number or b"-").decode("latin-1") for number in numbers)


def _generation_keys(key: CacheKey) -> list[str]:
    return [_generation_key(scope) for scope in key.scopes if scope != key]
