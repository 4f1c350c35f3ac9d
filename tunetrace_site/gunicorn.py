"""The configuration of gunicorn (https://docs.gunicorn.org/en/stable/settings.html)."""

import resource
import sys
import threading
import time

from gunicorn.workers.base import Worker

from tunetrace_site.handover import StartingWorkers, end_all_when_told, stop_when_relieved
from tunetrace_site.settings import HOST, PORT, WEB_THREADS, WEB_WORKERS
from tunetrace_site.web_worker import open_connections

bind = f"[{HOST}]:{PORT}" if ":" in HOST else f"{HOST}:{PORT}"
workers = WEB_WORKERS
worker_class = "tunetrace_site.web_worker.BufferingWorker"
threads = WEB_THREADS
wsgi_app = "tunetrace_site.wsgi"
timeout = 30
# Seconds that running requests may take to finish after SIGTERM.
graceful_timeout = 30
# Seconds that a connection may stand idle between two requests.
keepalive = 10
# How long one thread of a worker may compute before another one gets a turn. At Python's 5 ms, each
# step of a quick request would wait that long for a list that is computed beside it.
_TURN_SECONDS = 0.001
# How long a new worker takes no connection, at most, because it still loads what requests need.
_WARM_UP_SECONDS = 10.0
max_requests = 100_000
max_requests_jitter = 10_000
errorlog = "-"
loglevel = "warning"


def _allow_open_files() -> int:
    """Raise this process's limit of open files as far as allowed; return the limit."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed


# A connection has up to three open files: its socket, and what is too long for memory.
worker_connections = min(2000, _allow_open_files() // 4)
starting_workers = StartingWorkers()


def when_ready(server: object) -> None:
    """Called by gunicorn's master process just before it starts workers."""
    end_all_when_told(server, starting_workers)


def pre_fork(server: object, worker: object) -> None:
    """Called by gunicorn's master process before it forks a worker."""
    starting_workers.add(worker)


def post_worker_init(worker: Worker) -> None:
    """Called by gunicorn in each new worker, before it takes requests."""
    from music.catalogue.names_beside import keep_names_beside
    from music.domain.impressions import write_beside
    from music.domain.index_store import follow_beside
    from music.domain.purging import erase_beside
    from music.domain.warming import warm_up_beside
    from music.pages.warming import compile_templates

    sys.setswitchinterval(_TURN_SECONDS)
    stop_when_relieved(worker, starting_workers)
    write_beside()
    erase_beside()
    follow_beside()
    keep_names_beside()
    is_warm = threading.Event()
    warm_up_beside([compile_templates], is_warm.set)
    _leave_connections_to_others(worker, is_warm)
    starting_workers.remove(worker)


def _leave_connections_to_others(worker: Worker, is_warm: threading.Event) -> None:
    """Wait until the worker has loaded what requests need, or for ``_WARM_UP_SECONDS``.

    Connections that nobody takes wait in the system's queue, as they do while the worker starts.
    """
    ends_at = time.monotonic() + _WARM_UP_SECONDS
    while time.monotonic() < ends_at and not is_warm.wait(0.1):
        worker.notify()


def worker_exit(server: object, worker: object) -> None:
    """Called by gunicorn in a worker that ends, after its last request."""
    from music.domain.impressions import stop_writing_beside

    stop_writing_beside()


def child_exit(server: object, worker: object) -> None:
    """Called by gunicorn's master process when a worker has ended, for whatever reason."""
    open_connections.forget(worker)
    starting_workers.remove(worker)
