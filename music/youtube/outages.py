"""Tells the other processes of this machine that YouTube does not answer.

Every process has a breaker of its own, and each would let a request wait for a dead server once. So
the first that notices records it as the time of a small file, and renews it until the server is
back; the record of a process that died expires.
"""

import contextlib
import hashlib
import logging
import time
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)


class Outage:
    """The outage of one server, announced for ``seconds`` at a time."""

    def __init__(self, server: str, *, seconds: float) -> None:
        digest = hashlib.blake2b(server.encode(), digest_size=6).hexdigest()
        self._path = Path(settings.STATE_DIR) / f"youtube-outage-{digest}"
        self._seconds = seconds

    @property
    def is_announced(self) -> bool:
        """Return whether a process of this machine has met the outage lately (2 microseconds)."""
        try:
            age_seconds = time.time() - self._path.stat().st_mtime
        except OSError:
            return False
        return age_seconds < self._seconds

    def announce(self) -> None:
        """Announce the outage to all processes for ``seconds``."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch()
        except OSError as error:
            logger.warning("%s cannot be written (%s): others are not told", self._path, error)

    def end(self) -> None:
        """Announce that the server is back."""
        with contextlib.suppress(OSError):
            self._path.unlink()
