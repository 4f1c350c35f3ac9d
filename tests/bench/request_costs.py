"""The cost of requests in the site's process, in milliseconds of processor time.

The requests take turns in one process, through the whole of the site from its WSGI entry point, so
that a busy machine slows none of them more than the others. Work beside the responses (writing
suggestion lists, the relay) counts; the servers of PostgreSQL and Redis do not.

Run: .venv/bin/python -m tests.bench.request_costs [--both] [--songs N] [--profile NAME]
    [--folder FOLDER]
``FOLDER`` keeps the prepared site for the next run.
"""

import argparse
import cProfile
import io
import json
import os
import pstats
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from pathlib import Path

from tests.servers.postgres import running_postgres
from tests.servers.redis import RedisServer
from tests.servers.site import UNLIMITED

SONGS_FILE = Path(__file__).parents[2] / "music/catalogue/data/songs.csv"
N_ROUNDS = 40
N_LIKES = 500
Request = Callable[[], None]


def prepare(folder: Path, servers: ExitStack, both: bool, n_songs: int) -> None:
    """A site with the bundled catalogue and its videos in ``folder``, or with ``n_songs`` of it and
    no videos; sets Django up for it.
    """
    is_new = not (folder / "app.db").exists()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "tests.bench.cache_settings",
        "STATE_DIR": str(folder / "state"),
        "SQLITE_DATABASE_URL": f"sqlite:///{folder / 'app.db'}",
        "BENCH_BODY": str(folder / "body.json"),
        "INDEX_AUTO_BUILD": "false",
        "YOUTUBE_OEMBED": "false",
        "LOG_LEVEL": "error",
    } | UNLIMITED
    if both:
        postgres = servers.enter_context(running_postgres())
        postgres.execute("CREATE DATABASE bench")
        os.environ["POSTGRES_DATABASE_URL"] = postgres.url("bench")
        os.environ["REDIS_URL"] = servers.enter_context(RedisServer()).url
    import django

    django.setup()
    from django.core.management import call_command

    with redirect_stdout(io.StringIO()):
        call_command("init_db", verbosity=0)
        if is_new or both:
            files = [str(write_songs(folder / "songs.csv", n_songs))] if n_songs else []
            call_command("load_catalogue", *files)
            call_command("build_index", if_needed=True, quiet=True)
        call_command("collectstatic", interactive=False, verbosity=0)


def write_songs(path: Path, n_songs: int) -> Path:
    """Write evenly chosen songs of the bundled catalogue to a file."""
    header, *rows = SONGS_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([header, *rows[:: max(len(rows) // n_songs, 1)]]), "utf-8")
    return path


class Browser:
    """Calls the site's WSGI application, as a web worker does."""

    def __init__(self) -> None:
        from tunetrace_site.wsgi import application

        self._application = application

    def ask(self, path: str, body: object = None, **headers: str) -> bytes:
        """Return the body of the response; raise ``RuntimeError`` unless its status is 200."""
        sent = b"" if body is None else json.dumps(body).encode()
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET" if body is None else "POST",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "127.0.0.1:8000",
            "CONTENT_TYPE": "application/json" if sent else "",
            "CONTENT_LENGTH": str(len(sent)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(sent),
            "wsgi.errors": sys.stderr,
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        statuses: list[str] = []
        answer = self._application(environ, lambda status, _headers: statuses.append(status))
        content = b"".join(answer)
        answer.close()
        if not statuses[0].startswith("200"):
            raise RuntimeError(f"{path}: {statuses[0]} {content[:500]!r}")
        return content


def make_requests(folder: Path) -> dict[str, Request]:
    """Return every kind of request, as a call without arguments."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from accounts.models import ServiceKey, User
    from music.domain.likes import like_songs
    from music.models import Song
    from tunetrace_site.replication.unit import run_unit

    # Other songs in each run: a folder that is used again has the lists of the last one.
    chance = random.Random()
    known = [f"{artist} - {title}" for artist, title in Song.objects.values_list("artist", "title")]
    browser = Browser()
    run = str(time.time_ns())
    service_key, secret = ServiceKey.issue(name=run)
    run_unit(service_key.save)
    bearer = {"authorization": f"Bearer {secret}"}
    listener = run_unit(lambda: User.objects.create(user_id=f"long {run}"))
    for start in range(0, N_LIKES, 50):
        like_songs(listener=listener, song_names=known[start : start + 50])
    sessions = import_module(settings.SESSION_ENGINE).SessionStore()
    sessions[SESSION_KEY], sessions[HASH_SESSION_KEY] = str(listener.pk), ""
    sessions[BACKEND_SESSION_KEY] = "accounts.backends.EmailBackend"
    sessions[HASH_SESSION_KEY] = listener.get_session_auth_hash()
    run_unit(sessions.save)
    cookie = {"cookie": f"{settings.SESSION_COOKIE_NAME}={sessions.session_key}"}
    five = {"songs": known[:5]}
    (folder / "body.json").write_bytes(browser.ask("/suggestions", five))
    names = iter(range(10**9))

    def like_new() -> None:
        body = {"songs": chance.sample(known, 5), "user_id": f"new {run} {next(names)}"}
        browser.ask("/suggestions", body, **bearer)

    def name_fifty() -> None:
        browser.ask("/suggestions", {"songs": chance.sample(known, 50)})

    return {
        "bare": lambda: browser.ask("/bare", five),
        "warm, anonymous": lambda: browser.ask("/suggestions", five),
        "warm, service key": lambda: browser.ask(
            "/suggestions", {**five, "user_id": f"long {run}"}, **bearer
        ),
        "5 new likes": like_new,
        "50 stored songs": name_fifty,
        "/for-you/": lambda: browser.ask("/for-you/", **cookie),
        "/search/": lambda: browser.ask("/search/?q=love", **cookie),
        "/likes/": lambda: browser.ask("/likes/", **cookie),
        "/songs/": lambda: browser.ask("/songs/abba/dancing-queen", **cookie),
        "/api/v1/genres": lambda: browser.ask("/api/v1/genres"),
    }


@contextmanager
def as_in_a_worker() -> Iterator[None]:
    """Write suggestion lists after the responses, and collect garbage, as a worker does."""
    from music.domain.impressions import stop_writing_beside, write_beside
    from music.domain.warming import settle_memory

    settle_memory()
    write_beside()
    yield
    stop_writing_beside()


def measure(requests: dict[str, Request]) -> dict[str, list[float]]:
    """Return the milliseconds of processor time of each call."""
    taken = defaultdict(list)
    for _ in range(N_ROUNDS):
        for name, request in requests.items():
            began = time.process_time()
            request()
            taken[name].append((time.process_time() - began) * 1000)
    return taken


def count_statements(request: Request) -> int:
    """Return how many statements a request sends to its databases."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    with ExitStack() as stack:
        captures = [
            stack.enter_context(CaptureQueriesContext(connection))
            for connection in connections.all()
        ]
        request()
        return sum(len(capture) for capture in captures)


def print_profile(request: Request) -> None:
    """Print where the time of 30 calls goes."""
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(30):
        request()
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(45)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--both", action="store_true")
    parser.add_argument("--profile")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--songs", type=int, default=0, help="part of the catalogue, no videos")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        prepare(folder, stack, options.both, options.songs)
        requests = make_requests(folder)
        with as_in_a_worker():
            for request in requests.values():
                request()
                request()
            if options.profile:
                print_profile(requests[options.profile])
                return
            taken = measure(requests)
        print(f"{'processor ms a request':<24}{'least':>9}{'median':>9}{'statements':>12}")
        for name, times in taken.items():
            n = count_statements(requests[name])
            print(f"{name:<24}{min(times):9.2f}{statistics.median(times):9.2f}{n:12}")


if __name__ == "__main__":
    main()
