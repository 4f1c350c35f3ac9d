"""A proxy in front of a server, that can hang, cut or refuse every connection.

Between a client and PostgreSQL's Unix socket. ``hang`` is a network that swallows packets
while both ends believe they are connected.
"""

import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SOCKET_NAME = ".s.PGSQL.5432"
_CHUNK_BYTES = 65_536


class Proxy:
    """Listens in ``directory`` as PostgreSQL would, and forwards to the server in ``upstream``."""

    def __init__(self, upstream: Path, directory: Path) -> None:
        self.directory = directory
        self._upstream = str(upstream / _SOCKET_NAME)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / _SOCKET_NAME))
        self._listener.listen(64)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, None)
        self._flowing = threading.Event()
        self._flowing.set()
        self._refusing = self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def hang(self) -> None:
        """Forward nothing from now on; connections stay open and new ones are accepted."""
        self._flowing.clear()

    def resume(self) -> None:
        """Forward again, including what was held back."""
        self._refusing = False
        self._flowing.set()

    def cut(self) -> None:
        """Close every connection; new ones work."""
        for key in list(self._selector.get_map().values()):
            if key.data is not None:
                with suppress(OSError):
                    key.fileobj.shutdown(socket.SHUT_RDWR)

    def refuse(self) -> None:
        """Close every connection, and new ones at once."""
        self._refusing = True
        self.cut()

    def close(self) -> None:
        self._stopped = True
        self._flowing.set()
        self.cut()
        self._listener.close()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stopped:
            for key, _ in self._selector.select(timeout=0.05):
                self._flowing.wait()
                if self._stopped:
                    return
                if key.data is None:
                    self._accept()
                else:
                    self._forward(key.fileobj, key.data)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        if self._refusing:
            client.close()
            return
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self._upstream)
        except OSError:
            client.close()
            return
        self._selector.register(client, selectors.EVENT_READ, server)
        self._selector.register(server, selectors.EVENT_READ, client)

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        try:
            data = source.recv(_CHUNK_BYTES)
            if data:
                target.sendall(data)
                return
        except OSError:
            pass
        for end in (source, target):
            with suppress(KeyError, ValueError):
                self._selector.unregister(end)
            end.close()


@contextmanager
def running_proxy(upstream: Path, directory: Path) -> Iterator[Proxy]:
    """Run a proxy, which is closed at the end."""
    proxy = Proxy(upstream, directory)
    try:
        yield proxy
    finally:
        proxy.close()
