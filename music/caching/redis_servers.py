"""Opens Redis for all callers: one server, or the primary that Sentinels name.

A pool of Sentinels asks them for the primary with every new connection, so that the next call after
a failover finds the new one; nothing is tried twice, since every caller has a breaker.
"""

from typing import Any

from django_redis.pool import ConnectionFactory
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

from tunetrace_site.redis_address import RedisAddress, parse_redis_url


def open_redis(url: str, **options: Any) -> Redis:
    """Return a client of the Redis at ``url`` with its own pool.

    ``options`` are for connections.
    """
    return Redis.from_pool(open_pool(url, **options))


def open_pool(url: str, **options: Any) -> ConnectionPool:
    """Return a pool of connections to the server at ``url``, or to the present primary."""
    address = parse_redis_url(url)
    if not address.sentinels:
        return ConnectionPool.from_url(address.url, **options)
    return SentinelConnectionPool(
        address.service,
        _open_sentinels(address, options),
        db=address.database,
        username=address.user,
        password=address.password,
        ssl=address.has_tls,
        retry=Retry(NoBackoff(), 0),
        **options,
    )


def _open_sentinels(address: RedisAddress, options: dict[str, Any]) -> Sentinel:
    timeouts = {name: value for name, value in options.items() if "timeout" in name}
    return Sentinel(
        address.sentinels,
        sentinel_kwargs={
            **timeouts,
            "username": address.sentinel_user,
            "password": address.sentinel_password,
            "ssl": address.has_tls,
            "retry": Retry(NoBackoff(), 0),
        },
    )


class PoolFactory(ConnectionFactory):
    """Lets django-redis open what ``open_pool`` opens."""

    def get_connection_pool(self, params: dict[str, Any]) -> ConnectionPool:
        return open_pool(**params)
