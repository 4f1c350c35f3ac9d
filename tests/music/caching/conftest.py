"""Every test of the caches has its own STATE_DIR; those that ask for it, a real Redis."""

import pytest

from music.caching import parts
from tests.servers.redis import RedisServer


@pytest.fixture(autouse=True)
def _own_state(own_state):
    """Every test of the caches has its own STATE_DIR."""


@pytest.fixture(scope="session")
def redis_server():
    with RedisServer() as server:
        yield server


@pytest.fixture
def redis(redis_server, settings):
    """Redis, empty and configured, with a closed breaker."""
    use_redis(settings, redis_server)
    client = redis_server.connect()
    client.flushall()
    yield client
    client.close()
    reset_breaker()


def use_redis(settings, server):
    """Configure ``server`` as tier 1."""
    settings.REDIS_URL = server.url
    settings.CACHES = {
        **settings.CACHES,
        "redis": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": [server.url],
            "KEY_FUNCTION": "music.caching.keys.make_redis_key",
            "OPTIONS": {
                "SOCKET_CONNECT_TIMEOUT": settings.REDIS_TIMEOUT_SECONDS,
                "SOCKET_TIMEOUT": settings.REDIS_TIMEOUT_SECONDS,
                "CONNECTION_FACTORY": "music.caching.redis_servers.PoolFactory",
                "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            },
        },
    }
    reset_breaker()


def reset_breaker():
    """A closed breaker that probes often; nothing that the last test left untold."""
    breaker = parts.client.breaker
    breaker.reset_seconds = 0.1
    with breaker._lock:
        breaker._close()
    parts.broadcast._untold.clear()
