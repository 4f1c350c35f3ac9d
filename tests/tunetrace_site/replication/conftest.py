"""Two real databases for every test here (see ``tests/servers/pair.py`` for how).

``pair`` is a joined pair with nothing marked; ``sync`` runs the relay until nothing is left to do.
The relay never runs by itself in these tests, so each step is deliberate.
"""

from urllib.parse import quote

import pytest

from tests.servers.first_migration import copied_first_migration
from tests.servers.pair import Pair, Templates, installed
from tests.servers.postgres import running_postgres
from tests.servers.proxy import running_proxy
from tunetrace_site.replication import middleware
from tunetrace_site.replication.relay import Relay


@pytest.fixture(scope="session")
def postgres_server():
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def templates(postgres_server, tmp_path_factory, shared_folder, django_db_blocker):
    with django_db_blocker.unblock():
        return Templates(postgres_server, tmp_path_factory.mktemp("templates"), shared_folder)


@pytest.fixture
def pair(templates, tmp_path, settings, monkeypatch, django_db_blocker):
    settings.DB_READ_PREFERENCE = "postgres"
    # A relay of this process would outlive the test, and lead in the next one's databases.
    monkeypatch.setattr(middleware, "start_relay_thread", lambda: None)
    with django_db_blocker.unblock():
        new_pair = Pair(templates, tmp_path)
        with installed(new_pair.sqlite_path, new_pair.url, new_pair.state_dir):
            Relay().run_pass()
            yield new_pair
    new_pair.server.ensure_running()


@pytest.fixture
def quick_first_migration(templates):
    """A new SQLite file takes no seconds; tests that are about migrations do without this."""
    with copied_first_migration(templates.sqlite_path):
        yield


@pytest.fixture
def proxied(pair, tmp_path):
    """The pair, with a proxy between this process and PostgreSQL."""
    directory = tmp_path / "p"
    directory.mkdir()
    url = f"postgres://postgres@/{pair.name}?host={quote(str(directory), safe='')}"
    with (
        running_proxy(pair.server.directory, directory) as proxy,
        installed(pair.sqlite_path, url, pair.state_dir),
    ):
        yield proxy


@pytest.fixture(params=["postgres", "sqlite"])
def preference(request, pair, settings):
    """Run the test with each database leading."""
    settings.DB_READ_PREFERENCE = request.param
    return request.param


@pytest.fixture
def sync(pair):
    def run(n_passes: int = 3) -> list[str]:
        events = []
        for _ in range(n_passes):
            events += Relay().run_pass().events
        return events

    return run
