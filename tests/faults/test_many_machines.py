"""Machines without SQLite are one site: whoever hops between them notices nothing.

Three machines behind a proxy, PostgreSQL with a replica, two Redis that a Sentinel watches. The
short form kills the primary Redis, the replica and a machine under two listeners; the long one each
machine, which comes back with nothing, and PostgreSQL too, under six.
"""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from accounts.models import AccessToken, User
from music.catalogue import bundled
from music.domain import index_store, training
from music.jobs.imports import run_import
from music.management.commands.load_catalogue import store_songs, store_videos
from music.models import Song, UserLikedSong, VideoFeature
from tests.music.caching.conftest import reset_breaker, use_redis
from tests.servers.pair import Templates, installed_without_sqlite
from tests.servers.postgres import running_postgres
from tests.servers.sentinels import WatchedRedis
from tests.servers.site import ROOT, find_free_port
from tests.servers.standby import ReplicatedServer, Standby
from tunetrace_site.replication.unit import run_unit

from .many_machines import LIKES, Front, Listener, ask, listening

N_MACHINES = 3
N_SONGS = 60
DAILY_SEARCHES = 30
OF_ONE_ADDRESS = 3
"""A tenth of a day's searches is for an address without an account, whatever machine it asks."""
ANONYMOUS_LIMIT = 24
START_SECONDS = 120.0
METRICS_TOKEN = "for-the-machines-of-this-test-alone"


@dataclass
class Machine:
    """A web process with one worker and a ``STATE_DIR`` that began empty."""

    url: str
    process: subprocess.Popen

    def kill(self) -> None:
        """``kill -9`` for all its processes at once: a worker would outlive gunicorn's first."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)


class ManySites:
    """The databases, Redis and machines of this module."""

    def __init__(self, templates: Templates, redis: WatchedRedis, folder: Path, **more: str):
        self.templates, self.redis, self.folder = templates, redis, folder
        self.postgres: ReplicatedServer = templates.server
        self.standby: Standby = self.postgres.make_standby()
        self.machines: list[Machine] = []
        self._n_started = 0
        self._environment = {
            "PATH": os.environ["PATH"],
            "OPENBLAS_NUM_THREADS": "1",
            "DJANGO_SETTINGS_MODULE": "tunetrace_site.settings",
            "SECRET_KEY": "a test's own, and the same on all machines",
            "SQLITE_MIRROR": "none",
            "POSTGRES_DATABASE_URL": self.postgres.url("tunetrace"),
            "POSTGRES_REPLICA_URLS": self.standby.url("tunetrace"),
            "REDIS_URL": redis.url,
            # Busy is not broken: a machine under test may do nothing for longer than 50 ms.
            "REDIS_TIMEOUT_SECONDS": "1",
            "INDEX_STORE_URL": f"file://{folder}/shared-index",
            "INDEX_AUTO_BUILD": "false",
            "WEB_WORKERS": "1",
            "LISTENER_REQUESTS_PER_MINUTE": "1000000",
            "ANONYMOUS_REQUESTS_PER_MINUTE": str(ANONYMOUS_LIMIT),
            "METRICS_TOKEN": METRICS_TOKEN,
            "LOG_LEVEL": "warning",
            **more,
        }

    def prepare(self) -> None:
        """Store some songs, publish their index; called as a process of a machine's."""
        call_command("init_db", verbosity=0)
        songs = list(bundled.load_songs())[:N_SONGS]
        store_songs(songs)
        known = {song.key for song in songs}
        videos = bundled.read_videos(bundled.VIDEOS_FILE, bundled.load_songs())
        store_videos([v for v in videos if bundled.song_key(v.artist, v.title) in known])
        with self.files_of("builder"):
            training.build_index()
            index_store.publish()

    @contextmanager
    def files_of(self, name: str) -> Iterator[Path]:
        """Use the index of a machine, and the store of all, in the block."""
        before = settings.INDEX_DIR, settings.INDEX_STORE_URL
        settings.INDEX_DIR = self.folder / name / "index"
        settings.INDEX_STORE_URL = self._environment["INDEX_STORE_URL"]
        (self.folder / name).mkdir(exist_ok=True)
        try:
            yield self.folder / name
        finally:
            settings.INDEX_DIR, settings.INDEX_STORE_URL = before

    def start(self) -> Machine:
        """Start a machine that has nothing but the index that all share, as ``serve`` would."""
        self._n_started += 1
        with self.files_of(f"machine-{self._n_started}") as state:
            index_store.fetch()
        port = find_free_port()
        with (self.folder / f"{state.name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "python:tunetrace_site.gunicorn"],
                cwd=ROOT,
                env={**self._environment, "STATE_DIR": str(state), "PORT": str(port)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return Machine(f"http://127.0.0.1:{port}", process)

    def wait_for(self, machine: Machine) -> None:
        """Wait until a machine answers, and reads from the replica if there is one."""
        ends_at = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{machine.url}/health/ready", timeout=30).close()
                return
            except OSError:
                assert time.monotonic() < ends_at
                assert machine.process.poll() is None
                time.sleep(0.1)

    def count_replica_reads(self, machine: Machine) -> int:
        """Return how many requests of a machine have read from the replica."""
        headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
        request = urllib.request.Request(f"{machine.url}/metrics", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            found = re.search(rb"^tunetrace_replica_requests_total (\d+)", answer.read(), re.M)
        return int(found[1]) if found else 0

    def stop(self) -> None:
        for machine in self.machines:
            machine.kill()

    def mend(self) -> None:
        """Start again whatever an earlier test has killed."""
        self.standby.ensure_running()
        self.redis.mend()
        for number, machine in enumerate(self.machines):
            if machine.process.poll() is not None:
                self.machines[number] = self.start()
                self.wait_for(self.machines[number])

    def make_listeners(self, url: str, names: list[str]) -> list[Listener]:
        songs = list(Song.objects.values_list("address", flat=True)[:20])
        listeners = []
        for name in names:
            user = run_unit(lambda name=name: User.objects.create(user_id=name))
            token, secret = AccessToken.issue(
                user=user, name="t", scopes="read write", last_used_at=timezone.now()
            )
            run_unit(token.save)
            listeners.append(Listener(url, secret, songs))
        return listeners


@pytest.fixture(scope="module")
def running(tmp_path_factory, shared_folder, youtube_process, django_db_blocker):
    folder = tmp_path_factory.mktemp("machines")
    with (
        running_postgres(kind=ReplicatedServer) as server,
        WatchedRedis() as redis,
        django_db_blocker.unblock(),
    ):
        templates = Templates(server, folder, shared_folder)
        site = ManySites(
            templates,
            redis,
            folder,
            YOUTUBE_API_KEY=youtube_process.key,
            YOUTUBE_API_ENDPOINT=youtube_process.url,
            YOUTUBE_DAILY_SEARCHES=str(DAILY_SEARCHES),
            YOUTUBE_ADDRESS_SHARE="1",
        )
        with installed_without_sqlite(folder / "app.db", server.url("tunetrace"), folder):
            site.prepare()
        site.machines = [site.start() for _ in range(N_MACHINES)]
        try:
            for machine in site.machines:
                site.wait_for(machine)
            yield site
        finally:
            site.stop()


@pytest.fixture
def site(running, settings, django_db_blocker):
    """The machines, and this process as one more: it can do a job, or look at rows."""
    use_redis(settings, running.redis)
    folder = running.folder
    with (
        django_db_blocker.unblock(),
        installed_without_sqlite(folder / "app.db", running.postgres.url("tunetrace"), folder),
    ):
        running.mend()
        yield running
    reset_breaker()


@pytest.fixture
def front(site):
    with Front([machine.url for machine in site.machines]) as front:
        yield front


def test_what_one_machine_begins_the_others_go_on_with(site, front, youtube_process):
    """Limits, YouTube's quota, a player's report, an import."""
    [ann] = site.make_listeners(front.url, ["ann"])
    first, *others = [machine.url for machine in site.machines]
    if time.time() % 60 > 50:
        time.sleep(11)  # a limit is of a minute
    n_admitted = sum(_is_admitted(front.url) for _ in range(ANONYMOUS_LIMIT * 2))
    # The first request of each machine loads much, and on a busy one costs several points.
    assert ANONYMOUS_LIMIT / 2 <= n_admitted <= ANONYMOUS_LIMIT + N_MACHINES

    youtube_process.reset()
    names = [f"Nobody Knows {n} - Never Sung {n}" for n in range(9)]
    with ThreadPoolExecutor(9) as pool:
        answers = list(pool.map(lambda name: _suggest(front.url, ann.secret, name), names))
    assert len(answers) == 9
    assert youtube_process.report()["searches"] == OF_ONE_ADDRESS

    video = VideoFeature.objects.exclude(song=None).select_related("song").first()
    report = {"video_id": video.video_id, "code": 150}
    ask(first, "POST", "/api/v1/video-reports", ann.secret, report)
    for url in others:
        shown = ask(url, "GET", f"/api/v1/songs/{video.song.address}", ann.secret)
        assert shown["video_id"] != video.video_id

    songs = list(Song.objects.exclude(pk=video.song_id)[:5])
    asked = {"songs": [f"{song.artist} - {song.title}" for song in songs]}
    begun = ask(first, "POST", "/api/v1/imports", ann.secret, asked)
    run_import.call_local(begun["token"])
    for url in others:
        assert ask(url, "GET", f"/api/v1/imports/{begun['token']}", ann.secret)["state"] == "done"
        assert len(ask(url, "GET", LIKES, ann.secret)) >= len(songs)


def _is_admitted(url: str) -> bool:
    try:
        ask(url, "GET", "/api/v1/genres")
    except urllib.error.HTTPError as error:
        if error.code != 429:
            raise
        return False
    return True


def _suggest(url: str, secret: str, name: str) -> object:
    return ask(url, "POST", "/api/v1/suggestions", secret, {"songs": [name, "Yesterday"]})


def prove(
    site: ManySites, front: Front, n_listeners: int, victims: list[Callable[[], float]]
) -> None:
    """Run new listeners while each victim is killed; check that nobody noticed.

    A victim returns how many seconds its loss may be noticed.
    """
    names = [f"{number} {uuid4().hex}" for number in range(n_listeners)]
    listeners = site.make_listeners(front.url, names)
    outages: list[tuple[float, float]] = []
    with listening(listeners):
        ends_at = time.monotonic() + 30
        while not all(site.count_replica_reads(machine) for machine in site.machines):
            assert time.monotonic() < ends_at, "no machine reads from the replica"
            time.sleep(0.2)
        for kill in victims:
            began_at = time.monotonic()
            outages.append((began_at, began_at + kill()))
            time.sleep(2)
    for listener in listeners:
        listener.check()
    failures = [failure for listener in listeners for failure in listener.failures]
    outside = [f for f in failures if not any(f[0] <= b and a <= f[1] for a, b in outages)]
    n_confirmed = sum(listener.n_confirmed for listener in listeners)
    print(f"{n_confirmed} confirmed, {len(failures)} failed, {len(outside)} outside an outage")
    assert outside == [], f"of {failures}, with outages {outages}"
    assert [stale for listener in listeners for stale in listener.stale] == []
    assert n_confirmed > 5 * len(victims)
    connections.close_all()  # which PostgreSQL may have lost
    for name, listener in zip(names, listeners, strict=True):
        kept = UserLikedSong.objects.filter(user__user_id=name).values_list("pk", flat=True)
        assert {str(pk) for pk in kept} == set(listener.liked.values())


def kill_machine(site: ManySites, number: int) -> float:
    site.machines[number].kill()
    return 1.0


def replace_machine(site: ManySites, front: Front, number: int) -> float:
    kill_machine(site, number)
    time.sleep(1)
    site.machines[number] = site.start()
    site.wait_for(site.machines[number])
    front.machines = [machine.url for machine in site.machines]
    return 1.0


def kill_replica(site: ManySites) -> float:
    site.standby.kill()
    return 0.0


def kill_redis(site: ManySites) -> float:
    before = site.redis.find_primary()
    before.kill()
    ends_at = time.monotonic() + 20
    while site.redis.find_primary() is before and time.monotonic() < ends_at:
        time.sleep(0.1)
    assert site.redis.find_primary() is not before
    return 0.0


def restart_postgres(site: ManySites) -> float:
    began_at = time.monotonic()
    site.postgres.kill()
    site.postgres.start()
    return time.monotonic() - began_at + 1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_six_listeners_hop_between_machines_while_each_part_is_killed(site, front):
    victims = [
        *(lambda n=n: replace_machine(site, front, n) for n in range(N_MACHINES)),
        lambda: kill_replica(site),
        lambda: site.standby.start() or 0.0,
        lambda: restart_postgres(site),
        lambda: kill_redis(site),
    ]
    prove(site, front, 6, victims)


def test_listeners_hop_between_machines_while_parts_are_killed(site, front):
    victims = [
        lambda: kill_redis(site),
        lambda: kill_replica(site),
        lambda: kill_machine(site, 0),
    ]
    prove(site, front, 2, victims)
