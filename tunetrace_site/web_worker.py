"""A gunicorn worker that buffers slow clients: its threads get only complete requests.

gunicorn supervises the processes (signals, restarts, recycling). In each of them one loop of
waitress receives requests and sends responses for all connections, and a pool of threads works on
requests that have arrived completely. So a client that is slow to send a header or a body, or to
read a response, costs a socket and a buffer, never a thread. Each of these waits has a time limit,
and when connections run short those that have waited longest are closed.
"""

import json
import logging
import os
import time
from typing import Any

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask

from .body_limits import UPLOAD_SECONDS, RequestParser
from .machine.files import share_memory

HEADER_SECONDS = 10.0
"""The time limit from the first byte of a request to the end of its header."""
BODY_SECONDS = 30.0
"""The time limit from the first byte of a request to the end of its body."""
ANSWER_SECONDS = 120.0
"""The time limit for a client to read a response, from the moment it is made."""
MAX_HEADER_BYTES = 32 * 1024
MAX_BODY_BYTES = 4 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
"""A longer body is refused unread; shorter ones the site refuses with its own message."""
BODY_BYTES_IN_MEMORY = 64 * 1024
LINGER_SECONDS = 2.0
"""How long a stopping worker keeps idle connections, on which a request may be arriving."""
GIVE_WAY_SECONDS = 0.001
"""How long a worker leaves a new connection to the others, per connection that it holds more than
one of them; at most ``MAX_GIVE_WAY_SECONDS``."""
MAX_GIVE_WAY_SECONDS = 0.02
MAX_WORKERS = 256
_CODES = {413: "too_large", 500: "error"}


class OpenConnections:
    """How many connections each worker holds, in memory shared by all workers of a server.

    It is made before the workers are forked. A worker that is not in service has no count.
    """

    def __init__(self) -> None:
        # Zero means "not in service", so a worker's number is stored plus one.
        self._counts = memoryview(share_memory(4 * MAX_WORKERS)).cast("i")

    def record(self, worker: Worker, n_open: int) -> None:
        """Publish how many connections ``worker`` holds."""
        self._counts[worker.age % MAX_WORKERS] = n_open + 1

    def forget(self, worker: Worker) -> None:
        """Record that ``worker`` takes no more connections, or has ended."""
        self._counts[worker.age % MAX_WORKERS] = 0

    def measure_excess(self, worker: Worker) -> int:
        """Return how many connections ``worker`` has above the least busy worker in service."""
        own = self._counts[worker.age % MAX_WORKERS]
        return own - min((count for count in self._counts if count), default=own)


open_connections = OpenConnections()


class Answer(WSGITask):
    """One request's work in a thread; the last one on its connection when the worker stops."""

    def build_response_header(self) -> bytes:
        if not self.channel.server.accepting:
            self.set_close_on_finish()
        return super().build_response_header()


class RefusedRequest(ErrorTask):
    """The response to a malformed or too large request, in the API's error shape (docs/api.md)."""

    def execute(self) -> None:
        error = self.request.error
        code = _CODES.get(error.code, "bad_request")
        body = json.dumps({"detail": f"{error.reason}: {error.body}.", "code": code})
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body.encode("ascii"))


class Connection(HTTPChannel):
    """One client's connection; ``waiting_since`` is when the present wait began (monotonic s).

    A wait is for a request to begin, for the rest of one, or for a response to be read.
    """

    parser_class = RequestParser
    task_class = Answer
    error_task_class = RefusedRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.waiting_since = time.monotonic()
        super().__init__(*args, **kwargs)

    @property
    def is_waiting(self) -> bool:
        """Whether nothing happens here until the client sends or reads something."""
        return not self.requests

    @property
    def is_idle(self) -> bool:
        """Whether the connection is between two requests."""
        return self.is_waiting and self.request is None and not self.total_outbufs_len

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.waiting_since = time.monotonic()
        return super().received(data)

    def service(self) -> None:
        super().service()
        self.waiting_since = time.monotonic()

    def is_overdue(self, now: float, idle_seconds: float) -> bool:
        """Return whether the client has taken longer than it may."""
        if not self.is_waiting:
            return False
        return now - self.waiting_since > self._allow_seconds(idle_seconds)

    def _allow_seconds(self, idle_seconds: float) -> float:
        if self.total_outbufs_len:
            return ANSWER_SECONDS
        if self.request is None:
            return idle_seconds
        if not self.request.headers_finished:
            return HEADER_SECONDS
        return UPLOAD_SECONDS if self.request.is_upload else BODY_SECONDS


class Server(TcpWSGIServer):
    """The connections of one listening socket in one worker."""

    channel_class = Connection

    def __init__(self, worker: Worker, *args: Any, **kwargs: Any) -> None:
        self._worker = worker
        self._n_requests = 0
        self._gives_way_until: float | None = None
        super().__init__(*args, _start=False, bind_socket=False, **kwargs)
        self.accepting = True

    def add_task(self, task: Connection) -> None:
        """Queue a complete request for the threads; the worker stops after its last one."""
        self._n_requests += 1
        if self._n_requests >= self._worker.max_requests:
            self._worker.alive = False
        super().add_task(task)

    def handle_accept(self) -> None:
        """Take a new connection, after less busy workers have had a chance to."""
        excess = open_connections.measure_excess(self._worker)
        if excess > 0 and self._gives_way_until is None:
            pause = min(excess * GIVE_WAY_SECONDS, MAX_GIVE_WAY_SECONDS)
            self._gives_way_until = time.monotonic() + pause
            return
        self._gives_way_until = None
        super().handle_accept()
        open_connections.record(self._worker, len(self.active_channels))

    @property
    def gives_way(self) -> bool:
        """Return whether to leave a new connection to the other workers for the moment."""
        return self._gives_way_until is not None and time.monotonic() < self._gives_way_until

    def readable(self) -> bool:
        if self.gives_way:
            return False
        if self.accepting and len(self._map) >= self.adj.connection_limit:
            self._shed()
        return super().readable()

    def maintenance(self, now: float) -> None:
        """Close overdue connections; called once a second."""
        moment = time.monotonic()
        for connection in list(self.active_channels.values()):
            if connection.is_overdue(moment, self.adj.channel_timeout):
                connection.handle_close()
        if self.accepting:
            open_connections.record(self._worker, len(self.active_channels))

    def stop_accepting(self) -> None:
        """Take the connections that the system has queued already, and then no more."""
        n_before = -1
        while len(self.active_channels) != n_before:
            n_before = len(self.active_channels)
            super().handle_accept()
        self.accepting = False
        open_connections.forget(self._worker)

    def close_idle(self) -> None:
        """Close the connections on which nothing is under way."""
        for connection in list(self.active_channels.values()):
            if connection.is_idle:
                connection.handle_close()

    def _shed(self) -> None:
        """Close the tenth of the connections whose clients have taken longest."""
        waiting = [c for c in self.active_channels.values() if c.is_waiting]
        waiting.sort(key=lambda connection: connection.waiting_since)
        for connection in waiting[: max(self.adj.connection_limit // 10, 1)]:
            connection.handle_close()


class BufferingWorker(Worker):
    """The class for gunicorn's setting ``worker_class``."""

    def handle_exit(self, sig: int, frame: Any) -> None:
        if not self.booted:
            # The worker is still loading the site, and has no requests yet.
            os._exit(0)
        super().handle_exit(sig, frame)
        for server in getattr(self, "_servers", ()):
            server.pull_trigger()

    def run(self) -> None:
        """Serve until told to stop, then finish the running requests."""
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._map: dict[int, Any] = {}
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(self.cfg.threads)
        self._servers = [self._make_server(listener, dispatcher) for listener in self.sockets]
        while self.alive and self._is_parent_alive():
            self._turn(1.0)
        self._finish()

    def _make_server(self, listener: Any, dispatcher: ThreadedTaskDispatcher) -> Server:
        adjustments = Adjustments(
            ident=None,
            threads=self.cfg.threads,
            connection_limit=self.cfg.worker_connections,
            channel_timeout=self.cfg.keepalive,
            cleanup_interval=1,
            max_request_header_size=MAX_HEADER_BYTES,
            max_request_body_size=MAX_BODY_BYTES + 1,
            inbuf_overflow=BODY_BYTES_IN_MEMORY,
            # No thread waits for a client that reads slowly: responses over a megabyte go to a
            # file.
            outbuf_high_watermark=1024**3,
            # Django's settings say which proxies to believe about the client's address and scheme.
            clear_untrusted_proxy_headers=False,
            log_socket_errors=False,
        )
        socket = listener.sock
        return Server(
            self,
            self.wsgi,
            map=self._map,
            _sock=socket,
            dispatcher=dispatcher,
            adj=adjustments,
            sockinfo=(socket.family, socket.type, socket.proto, socket.getsockname()),
        )

    def _turn(self, seconds: float) -> None:
        """Run one turn of the loop, which waits up to ``seconds`` for something to happen."""
        self.notify()
        if any(server.gives_way for server in self._servers):
            seconds = GIVE_WAY_SECONDS
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _finish(self) -> None:
        for server in self._servers:
            server.stop_accepting()
        began = time.monotonic()
        while any(server.active_channels for server in self._servers):
            waited = time.monotonic() - began
            if waited > self.cfg.graceful_timeout:
                return
            self._turn(0.1)
            if waited > LINGER_SECONDS:
                for server in self._servers:
                    server.close_idle()

    def _is_parent_alive(self) -> bool:
        """Return whether gunicorn's master process is alive: without it this one must end too."""
        return os.getppid() == self.ppid
