"""``compose.replica.yaml``: its commands and files make a primary and its replica here."""

import os
import shutil
import subprocess
import time
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import psycopg2
import pytest
import yaml

from tests.servers.postgres import (
    PostgresServer,
    _give_to_server_user,
    _server_user,
    running_postgres,
)
from tests.servers.site import ROOT, find_free_port
from tests.test_containers import COMPOSE, SETTINGS, fill_in
from tests.test_documentation import read_variables

MORE = yaml.safe_load((ROOT / "compose.replica.yaml").read_text())
SERVICES = MORE["services"]
PASSWORD = "s3cret"


def find_mounted(service: str, target: str):
    """The file of the repository that the service sees as ``target``."""
    [source] = [
        volume.split(":")[0]
        for volume in SERVICES[service]["volumes"]
        if volume.split(":")[1] == target
    ]
    return ROOT / source


class Primary(PostgresServer):
    """A server with the options that compose gives to ``postgres``, on a port of its own."""

    def create(self) -> None:
        super().create()
        self.port = find_free_port()
        program, *options = SERVICES["postgres"]["command"]
        assert program == "postgres"
        assert set(options[::2]) == {"-c"}
        asked = dict(option.split("=", 1) for option in options[1::2])
        rules = self.directory / "pg_hba.conf"
        shutil.copyfile(find_mounted("postgres", asked["hba_file"]), rules)
        rules.chmod(0o644)
        asked |= {"hba_file": rules, "listen_addresses": "127.0.0.1", "port": self.port}
        # As the image has them, and the tests' own server does not.
        asked |= {"wal_level": "replica", "max_wal_senders": 10}
        with (self.data / "postgresql.conf").open("a") as config:
            config.writelines(f"{name} = '{value}'\n" for name, value in asked.items())

    def connect(self, database: str, **options: object):
        return super().connect(database, port=self.port, **options)


@contextmanager
def replica_of(primary: Primary, port: int):
    """The replica's command, as compose runs it; ends with the block, its folder stays."""
    shell, script = SERVICES["replica"]["command"]
    start = primary.directory / "start.sh"
    shutil.copyfile(find_mounted("replica", script), start)
    start.chmod(0o644)
    data = primary.directory / "replica"
    if not data.exists():
        data.mkdir(mode=0o777)
        (data / "left over").touch()
        _give_to_server_user(data, data / "left over")
    told = fill_in(SERVICES["replica"]["environment"], POSTGRES_PASSWORD=PASSWORD)
    assert told.pop("PGHOST") == "postgres"
    environment = {
        **told,
        "PATH": f"{primary._binaries}:{os.environ['PATH']}",
        "PGDATA": str(data),
        "PGHOST": "127.0.0.1",
        "PGPORT": str(primary.port),
    }
    # Both stand on one machine here: the copied configuration names the primary's places.
    places = {"port": port, "unix_socket_directories": data, "hba_file": data / "pg_hba.conf"}
    options = [word for name, value in places.items() for word in ("-c", f"{name}={value}")]
    process = subprocess.Popen(
        [shell, str(start), *options], env=environment, cwd="/", **_server_user()
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def ask(port: int, sql: str):
    """The first value of the answer, from ``tunetrace`` with its password; None without one."""
    address = {"host": "127.0.0.1", "port": port, "user": "tunetrace", "password": PASSWORD}
    try:
        with closing(psycopg2.connect(dbname="tunetrace", **address)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None
    except psycopg2.Error:
        return None


def wait_for(port: int, sql: str, value: object) -> None:
    deadline = time.monotonic() + 60
    while ask(port, sql) != value:
        assert time.monotonic() < deadline, sql
        time.sleep(0.1)


@pytest.mark.timeout(180)
def test_replica_copies_the_primary_follows_it_and_is_found_as_it_was_after_a_restart():
    with running_postgres(kind=Primary) as primary:
        rules = primary.execute("SELECT type, error FROM pg_hba_file_rules WHERE error IS NOT NULL")
        assert rules == []
        primary.execute(
            f"CREATE ROLE tunetrace SUPERUSER LOGIN PASSWORD '{PASSWORD}'",
            "CREATE DATABASE tunetrace OWNER tunetrace",
        )
        ask(primary.port, "CREATE TABLE song AS SELECT 1 AS id")
        port = find_free_port()
        with replica_of(primary, port):
            wait_for(port, "SELECT count(*) FROM song", 1)
            assert ask(port, "SELECT pg_is_in_recovery()") is True
            ask(primary.port, "INSERT INTO song VALUES (2)")
            wait_for(port, "SELECT count(*) FROM song", 2)
        ask(primary.port, "INSERT INTO song VALUES (3)")
        copied = (primary.directory / "replica/copied").stat().st_mtime_ns
        with replica_of(primary, port):
            wait_for(port, "SELECT count(*) FROM song", 3)
        assert (primary.directory / "replica/copied").stat().st_mtime_ns == copied


def test_site_finds_the_replica_and_keeps_no_sqlite():
    told = fill_in(SERVICES["web"]["environment"], POSTGRES_PASSWORD=PASSWORD)
    assert set(told) <= read_variables(SETTINGS)
    assert told["SQLITE_MIRROR"] == "none"
    replica = urlsplit(told["POSTGRES_REPLICA_URLS"])
    first = fill_in(COMPOSE["web"]["environment"], POSTGRES_PASSWORD=PASSWORD)
    assert replica == urlsplit(first["POSTGRES_DATABASE_URL"])._replace(
        netloc=f"tunetrace:{PASSWORD}@replica:5432"
    )
    assert set(SERVICES) - set(COMPOSE) == {"replica"}
    assert SERVICES["replica"]["image"] == COMPOSE["postgres"]["image"]
    mounted = [v.split(":")[0] for s in SERVICES.values() for v in s.get("volumes", ())]
    assert {name for name in mounted if not name.startswith("./")} == set(MORE["volumes"])
    assert [name for name in mounted if name.startswith("./") and not (ROOT / name).is_file()] == []
