"""Cold ``POST /suggestions`` over a slow API, with both databases; ``/health`` meanwhile.

The API is the server of ``tests/servers/youtube.py`` with 60 ms latency, over a made-up world. Each
round names songs that were never asked for, four of five by artists of whom one video is stored, to
a site with PostgreSQL, SQLite and Redis. While 50 songs are resolved, a client asks for ``/health``
again and again. Processor time is that of the site; the servers of databases do not count.

Run: .venv/bin/python -m tests.bench.cold_requests [--rounds 7]
"""

import argparse
import http.client
import os
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.youtube_day import (
    N_ARTISTS,
    N_SONGS,
    ask,
    await_quiet,
    build_everything,
    warm_up,
)
from tests.bench.youtube_setup import configure, site_environment
from tests.servers.postgres import running_postgres
from tests.servers.redis import RedisServer
from tests.servers.site import Site, running_site
from tests.servers.youtube import YouTubeServer, running_server
from tests.servers.youtube_world.synthetic import Song, build_synthetic_world
from tests.servers.youtube_world.world import World

SIZES = (10, 50)
STORED_OF_FIVE = 4
PAUSE_SECONDS = 0.002


def choose_songs(world: World, songs: list[Song], n_wanted: int) -> list[tuple[str, Song]]:
    """Return a video to store and another song to ask for, of each of ``n_wanted`` artists."""
    official: dict[str, list[str]] = {}
    for video in world.videos.values():
        if video.kind == "official":
            official.setdefault(songs[video.song].artist, []).append(video.id)
    pairs = [ids for ids in official.values() if len(ids) > 1][:n_wanted]
    return [(ids[0], songs[world.videos[ids[1]].song]) for ids in pairs]


def store_some(chosen: list[tuple[str, Song]]) -> None:
    """Store the videos of four of five artists."""
    from music.collecting.naming import name_song
    from music.models import VideoFeature
    from music.youtube.gateway import get_gateway
    from tunetrace_site.replication.unit import run_unit

    known = [video for n, (video, _) in enumerate(chosen) if n % 5 < STORED_OF_FIVE]
    for start in range(0, len(known), 50):
        batch = get_gateway().fetch_videos(known[start : start + 50], caller="harvest")
        records = [name_song(record) for record in batch.found]
        run_unit(lambda records=records: VideoFeature.objects.store(records))


def read_processor_ms(pid: int) -> float:
    """Return the processor time of a process and of all that descend from it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(read_processor_ms(int(child)) for child in children)


@contextmanager
def asking_health(url: str, taken: list[float]) -> Iterator[None]:
    """Ask for ``/health`` over one connection during the block; add each time, in ms."""
    ends = threading.Event()

    def ask_again() -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        while not ends.is_set():
            began = time.perf_counter()
            connection.request("GET", "/health")
            connection.getresponse().read()
            taken.append(1000 * (time.perf_counter() - began))
            time.sleep(PAUSE_SECONDS)

    thread = threading.Thread(target=ask_again)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def report(label: str, taken: list[float], extra: str = "") -> None:
    ordered = sorted(taken)
    p99 = ordered[int(0.99 * (len(ordered) - 1))]
    print(
        f"{label:<34}{min(taken):9.1f}{statistics.median(taken):9.1f}{p99:9.1f}{len(taken):8}"
        f"  {extra}"
    )


@dataclass
class Figures:
    """Milliseconds of requests by their number of songs, and of ``/health``; names found."""

    taken: dict[int, list[float]] = field(default_factory=lambda: {size: [] for size in SIZES})
    spent: dict[int, list[float]] = field(default_factory=lambda: {size: [] for size in SIZES})
    quiet: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    n_found: int = 0


def measure(site: Site, server: YouTubeServer, asked: list[Song], n_rounds: int) -> Figures:
    """Ask for 10 and for 50 songs in turns, each song once."""
    figures = Figures()
    with asking_health(site.url, figures.quiet):
        time.sleep(2)
    left = iter(asked)
    for _ in range(n_rounds):
        for size in SIZES:
            names = [f"{song.artist} - {song.title}" for song in islice(left, size)]
            server.reset()
            measure_request(site, names, figures)
            await_quiet(server)
    return figures


def measure_request(site: Site, names: list[str], figures: Figures) -> None:
    size, spent = len(names), read_processor_ms(site.process.pid)
    with ExitStack() as meanwhile:
        if size == SIZES[-1]:
            meanwhile.enter_context(asking_health(site.url, figures.busy))
        began = time.perf_counter()
        unresolved = ask(site.url, names)["unresolved"]
        figures.taken[size].append(1000 * (time.perf_counter() - began))
    figures.spent[size].append(read_processor_ms(site.process.pid) - spent)
    figures.n_found += size - len(unresolved)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--latency", type=float, default=0.06, help="seconds of each API call")
    options = parser.parse_args()
    n_asked = options.rounds * sum(SIZES)
    world, songs = build_synthetic_world(n_artists=N_ARTISTS, n_songs=N_SONGS)
    chosen = choose_songs(world, songs, n_asked)
    with ExitStack() as stack:
        server = stack.enter_context(running_server(n_artists=N_ARTISTS, n_songs=N_SONGS))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(running_postgres())
        postgres.execute("CREATE DATABASE bench")
        databases = {
            "POSTGRES_DATABASE_URL": postgres.url("bench"),
            "REDIS_URL": stack.enter_context(RedisServer()).url,
        }
        os.environ |= databases
        configure(server, folder)
        store_some(chosen)
        build_everything()
        served = {"DEBUG": "false", "SECRET_KEY": secrets.token_urlsafe(50)}
        environment = {**site_environment(server), **databases, **served}
        site = stack.enter_context(running_site(folder, **environment))
        warm_up(site.url)
        server.configure(latency_seconds=options.latency)
        figures = measure(site, server, [song for _, song in chosen], options.rounds)
    print(f"{'ms':<34}{'least':>9}{'median':>9}{'p99':>9}{'n':>8}")
    for size in SIZES:
        cost = f"processor, median: {statistics.median(figures.spent[size]):.0f} ms"
        report(f"cold, {size} songs", figures.taken[size], cost)
    report("/health, nothing else asked", figures.quiet)
    report("/health during a cold 50", figures.busy)
    print(f"resolved: {figures.n_found} of {n_asked}; load {os.getloadavg()[0]:.1f}")
    print("to reach: 200, 400 ms; /health 1 ms (median), 5 ms (p99)")


if __name__ == "__main__":
    main()
