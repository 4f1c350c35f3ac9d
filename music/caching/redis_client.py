"""The only access to Redis: every call has a time-out, a breaker, and an answer on failure."""

import logging
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import caches
from redis import Redis
from redis.exceptions import ClusterDownError, MovedError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError

from tunetrace_site.machine.breaker import Breaker
from tunetrace_site.machine.counters import Counter

ALIAS = "redis"
QUEUE_SECONDS = 0.005
"""How long a thread waits for another one's call before it goes on without Redis."""

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
Probed = Callable[[Redis], object]


class RedisClient:
    """Calls Redis through django-redis, one thread of the process at a time.

    One at a time, because a frozen Redis would otherwise hold up as many requests as there are
    threads: so it holds up one, for ``REDIS_TIMEOUT_SECONDS``, which opens the breaker. From then
    on a background thread asks every ``REDIS_PROBE_SECONDS`` whether Redis is back.
    """

    def __init__(self) -> None:
        self.breaker = Breaker(
            "redis", reset_seconds=settings.REDIS_PROBE_SECONDS, probe=self._probe
        )
        self.errors = Counter("cache_errors", tier="redis")
        self.knows_no_cluster = True
        self.on_recovery: list[Probed] = []
        self._gate = threading.Lock()

    @property
    def is_configured(self) -> bool:
        """Whether there is a ``REDIS_URL``."""
        return ALIAS in settings.CACHES

    @property
    def is_available(self) -> bool:
        """Whether a call would be made now."""
        return self.is_configured and self.breaker.allow()

    def call(self, action: Callable[[Redis], Answer]) -> Answer | None:
        """Return the result of ``action``.

        None when Redis refuses, is down, busy or not configured.
        """
        if not self.is_available or not self._gate.acquire(timeout=QUEUE_SECONDS):
            return None
        try:
            return self._call_guarded(action) if self.breaker.allow() else None
        finally:
            self._gate.release()

    def forget_threads(self) -> None:
        """Make a free lock: in a forked child the thread that held the old one does not exist."""
        self._gate = threading.Lock()

    def _call_guarded(self, action: Callable[[Redis], Answer]) -> Answer | None:
        try:
            answer = action(_connect())
        except ResponseError as error:  # Redis says no: out of memory, read-only, wrong type
            self.errors.increment()
            if isinstance(error, (MovedError, ClusterDownError)):
                self._complain_of_cluster()
            return None
        except Exception:  # any error of the client: the server is dead, frozen, or not Redis
            self.errors.increment()
            self.breaker.record_failure()
            return None
        self.breaker.record_success()
        return answer

    def _complain_of_cluster(self) -> None:
        """Log once that Redis is a cluster, which would refuse every key."""
        if self.knows_no_cluster:
            self.knows_no_cluster = False
            logger.error(
                "REDIS_URL names a node of a Redis Cluster, which cannot be used: "
                "see docs/choices.md"
            )

    def _probe(self) -> None:
        redis = _connect()
        redis.connection_pool.disconnect(inuse_connections=False)
        if redis.ping() is not True:
            raise RedisConnectionError("no answer to PING")
        for action in self.on_recovery:
            action(redis)


def _connect() -> Redis:
    cache: Any = caches[ALIAS]
    return cache.client.get_client(write=True)
