"""Announces changes to every process of this machine, and to other machines through Redis.

On this machine the shared generations do it. Other machines receive a change through a Redis
channel, to which one process per machine listens; while Redis is down the replication relay reports
changed rows (``stack.invalidate_rows``). Changes that Redis could not announce are announced before
Redis is used again.
"""

import logging
import threading
import time
from contextlib import ExitStack

from django.conf import settings
from redis import Redis

from tunetrace_site.machine.leader import leading

from .generations import Generations
from .keys import ALL_LISTENERS, SUGGESTIONS
from .redis_client import RedisClient
from .redis_servers import open_redis
from .shared import RedisTier
from .write_notes import note_listener

CHANNEL = "tunetrace:changes"
MAX_UNTOLD = 1000
LISTEN_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Broadcast:
    """Announces changes, and listens to those of other machines."""

    def __init__(self, generations: Generations, client: RedisClient, shared: RedisTier) -> None:
        self._generations = generations
        self._client = client
        self._shared = shared
        self._untold: set[str] = set()
        self._listener: threading.Thread | None = None
        client.on_recovery.append(self._tell_untold)

    def tell(self, scope: str) -> None:
        """Invalidate everything cached under ``scope``, on all machines."""
        self._generations.change(scope)
        if self._client.is_configured and not self._client.call(lambda r: self._tell(r, scope)):
            self._remember(scope)

    def listen(self) -> None:
        """Start listening to other machines; does nothing when already started."""
        if self._client.is_configured and self._listener is None:
            self._listener = threading.Thread(
                target=self._listen_for_ever, name="cache-changes", daemon=True
            )
            self._listener.start()

    def forget_threads(self) -> None:
        """Let the next call start a thread: a forked child has none of its parent's threads."""
        self._listener = None

    def _tell(self, redis: Redis, scope: str) -> bool:
        note_listener(redis, scope)
        with redis.pipeline(transaction=False) as pipeline:  # one wait instead of two
            self._shared.change(pipeline, scope)
            pipeline.publish(CHANNEL, f"{self._generations.machine_id} {scope}")
            pipeline.execute()
        return True

    def _remember(self, scope: str) -> None:
        if len(self._untold) >= MAX_UNTOLD:
            self._untold = {SUGGESTIONS, ALL_LISTENERS}
        self._untold.add(scope)

    def _tell_untold(self, redis: Redis) -> None:
        while self._untold:
            scope = next(iter(self._untold))
            self._tell(redis, scope)
            self._untold.discard(scope)

    def _listen_for_ever(self) -> None:
        with ExitStack() as lead:
            try:
                lead.enter_context(leading("listener"))
            except OSError as error:
                logger.warning("STATE_DIR cannot be used (%s): every process listens", error)
            while True:
                try:
                    self._listen_once()
                except Exception as error:
                    logger.debug("Lost the channel of changes: %s", error)
                time.sleep(LISTEN_SECONDS)

    def _listen_once(self) -> None:
        redis = open_redis(
            str(settings.REDIS_URL),
            socket_connect_timeout=1.0,
            socket_timeout=2 * LISTEN_SECONDS,
            health_check_interval=5,
        )
        with redis, redis.pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(CHANNEL)
            # Announcements made while nobody listened are lost: read the listeners' rows again.
            self._generations.change(ALL_LISTENERS)
            while True:
                message = channel.get_message(timeout=LISTEN_SECONDS)
                if message is not None:
                    self._hear(message["data"])

    def _hear(self, data: bytes) -> None:
        sender, _, scope = data.decode(errors="replace").partition(" ")
        if sender != str(self._generations.machine_id):
            self._generations.change(scope)
