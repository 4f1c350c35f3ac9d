"""How gunicorn serves TuneTrace (https://docs.gunicorn.org/en/stable/settings.html)."""

from tunetrace_site.settings import HOST, PORT, WEB_THREADS, WEB_WORKERS

bind = f"[{HOST}]:{PORT}" if ":" in HOST else f"{HOST}:{PORT}"
workers = WEB_WORKERS
worker_class = "gthread"
threads = WEB_THREADS
wsgi_app = "tunetrace_site.wsgi"
timeout = 30
# After SIGTERM: how long requests in hand may take to finish.
graceful_timeout = 30
keepalive = 5
max_requests = 100_000
max_requests_jitter = 10_000
errorlog = "-"
loglevel = "warning"


def post_worker_init(worker: object) -> None:
    """Called by gunicorn in each new worker, before it takes requests."""
    from music.domain.warming import warm_up_beside

    warm_up_beside()
