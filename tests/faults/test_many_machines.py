"""Machines without SQLite are one site: a listener who hops between them notices nothing.

Each request goes to the other machine than the last one, or where that one is dead, as behind any
proxy. One machine, PostgreSQL and Redis are killed in turn; the machine comes back with nothing.
"""

import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from music.domain import index_store
from tests.factories import PASSWORD
from tests.servers.postgres import running_postgres
from tests.servers.redis import RedisServer
from tests.servers.site import Site, running_site
from tests.test_whole_site import Browser

SONGS = [
    f"catalogue:{address}"
    for address in (
        "nirvana/come-as-you-are",
        "metallica/master-of-puppets",
        "the-beatles/yesterday",
        "the-beatles/let-it-be",
        "nirvana/lithium",
        "metallica/one",
        "queen/bohemian-rhapsody",
        "queen/dont-stop-me-now",
        "abba/dancing-queen",
        "abba/waterloo",
    )
]


class HoppingBrowser(Browser):
    """Sends each request to another machine than the last one; notes what failed, and when."""

    def __init__(self, machines: list[Site]) -> None:
        super().__init__(machines[0].url)
        self.machines = machines
        self.failures: list[tuple[float, str]] = []
        self._n_requests = 0

    def hop(self) -> None:
        """Use the next machine from now on."""
        self._n_requests += 1
        self.url = self.machines[self._n_requests % len(self.machines)].url

    def try_to(self, action: Callable[[], object], seconds: float = 20.0) -> object:
        """Do ``action``, again where it fails, for as long as somebody would try."""
        ends_at = time.monotonic() + seconds
        while True:
            self.hop()
            try:
                return action()
            except (urllib.error.URLError, OSError) as error:
                is_refused = isinstance(getattr(error, "reason", None), ConnectionRefusedError)
                if not is_refused:  # where nobody listens a proxy asks the other one
                    self.failures.append((time.monotonic(), str(error)))
                if time.monotonic() > ends_at:
                    raise
                time.sleep(0.05)


@contextmanager
def running_machine(folder: Path, environment: dict[str, str]) -> Iterator[Site]:
    """A machine that begins with nothing."""
    folder.mkdir()
    with running_site(folder, SQLITE_MIRROR="none", **environment) as site:
        yield site


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_listener_hops_between_machines_while_each_part_is_killed(
    make_site_folder, tmp_path, settings
):
    settings.INDEX_DIR = make_site_folder() / "state" / "index"
    settings.INDEX_STORE_URL = f"file://{tmp_path}/shared-index"
    index_store.publish()
    with running_postgres() as postgres, RedisServer() as redis, ExitStack() as running:
        postgres.create_database("tunetrace")
        environment = {
            "POSTGRES_DATABASE_URL": postgres.url("tunetrace"),
            "REDIS_URL": redis.url,
            "INDEX_STORE_URL": settings.INDEX_STORE_URL,
        }
        machines = [
            running.enter_context(running_machine(tmp_path / name, environment))
            for name in ("one", "two")
        ]
        browser = HoppingBrowser(machines)
        liked: list[str] = []

        def like_one_more() -> None:
            song = SONGS[len(liked)]
            browser.try_to(lambda: browser.like(song))
            liked.append(song)
            for _ in machines:
                page = browser.try_to(lambda: browser.get("/likes/"))
                shown = [known for known in liked if known.partition(":")[2] in str(page)]
                assert shown == liked

        like_one_more()
        browser.try_to(
            lambda: browser.post(
                "/accounts/signup/",
                "/accounts/signup/",
                email="ann@example.org",
                password1=PASSWORD,
            )
        )
        like_one_more()
        assert browser.failures == []

        killed = []
        for victim in (redis, postgres):
            killed.append(time.monotonic())
            victim.kill()
            if victim is redis:
                like_one_more()  # lists and limits are each machine's own meanwhile
            victim.start()
            like_one_more()
        machines[0].process.kill()
        killed.append(time.monotonic())
        like_one_more()
        machines[0] = running.enter_context(running_machine(tmp_path / "three", environment))
        like_one_more()
        like_one_more()
        late = [
            (at, why)
            for at, why in browser.failures
            if not any(0 <= at - moment <= 2 for moment in killed)
        ]
        assert late == []
        assert not list(tmp_path.rglob("app.db*"))
        for machine in machines:
            assert "Fetched the index that all machines share." in machine.log.read_text()
        n_likes = postgres.execute("SELECT count(*) FROM music_userlikedsong", database="tunetrace")
        assert n_likes == [(len(liked),)]
