"""A primary Redis, a replica of it, and a Sentinel that promotes the replica when it must."""

import subprocess
import tempfile
import time
from pathlib import Path

import redis

from .redis import RedisServer, find_free_port, find_redis_binary

SERVICE = "tunetrace"
_NOTICE_MILLISECONDS = 300
_KNOWN_SECONDS = 30.0
"""A Sentinel asks a server every 10 seconds what it is."""
_CONFIGURATION = """
port {port}
bind 127.0.0.1
dir {folder}
sentinel monitor {service} 127.0.0.1 {primary} 1
sentinel down-after-milliseconds {service} {notice}
sentinel failover-timeout {service} 2000
"""


class WatchedRedis:
    """Two servers, each of which may be the primary, and the Sentinel that says which."""

    def __init__(self) -> None:
        self.servers = [RedisServer()]
        self.servers.append(RedisServer("--replicaof", "127.0.0.1", str(self.servers[0].port)))
        self.port = find_free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="tunetrace-sentinel-")
        self._process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        """Of the Sentinel, after one that does not answer."""
        return f"redis+sentinel://127.0.0.1:1,127.0.0.1:{self.port}/{SERVICE}/0"

    def __enter__(self) -> "WatchedRedis":
        for server in self.servers:
            server.start()
        path = Path(self._folder.name) / "sentinel.conf"
        path.write_text(
            _CONFIGURATION.format(
                port=self.port,
                folder=self._folder.name,
                service=SERVICE,
                primary=self.servers[0].port,
                notice=_NOTICE_MILLISECONDS,
            )
        )
        self._process = subprocess.Popen(
            [find_redis_binary(), str(path), "--sentinel"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_until_the_replica_is_known()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
        for server in self.servers:
            server.stop()
        self._folder.cleanup()

    def mend(self) -> None:
        """Start a server that was killed again as a replica of the other (up to 10 seconds)."""
        primary = self.find_primary()
        for server in self.servers:
            if server is not primary:
                server.ensure_running()
                server.connect().replicaof("127.0.0.1", primary.port)
        self._wait_until_the_replica_is_known()

    def find_primary(self) -> RedisServer:
        """The server that the Sentinel calls the primary."""
        with redis.Redis(port=self.port, socket_timeout=5) as sentinel:
            port = sentinel.sentinel_master(SERVICE)["port"]
        return next(server for server in self.servers if server.port == port)

    def _wait_until_the_replica_is_known(self) -> None:
        give_up_at = time.monotonic() + _KNOWN_SECONDS
        while time.monotonic() < give_up_at:
            try:
                with redis.Redis(port=self.port, socket_timeout=1) as sentinel:
                    replicas = sentinel.sentinel_slaves(SERVICE)
                if any(found["master-link-status"] == "ok" for found in replicas):
                    return
            except redis.RedisError:
                pass
            time.sleep(0.05)
        raise RuntimeError("the Sentinel knows no replica")
