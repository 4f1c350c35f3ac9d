"""How gunicorn serves TuneTrace (https://docs.gunicorn.org/en/stable/settings.html)."""

from tunetrace_site import env

host = env.read_text("HOST", "127.0.0.1")
port = env.read_int("PORT", 8000, minimum=1, maximum=65535)
bind = f"{host}:{port}"
workers = env.read_int("WEB_WORKERS", 2, minimum=1, maximum=64)
worker_class = "gthread"
threads = env.read_int("WEB_THREADS", 4, minimum=1, maximum=64)
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
