"""psycopg2 with a deadline: ours keep it in everything they do, others' connections have none."""

import io
import os
import resource
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg2
import pytest
from django.db import DataError, OperationalError, connections, transaction

from accounts.models import User
from tunetrace_site.replication.databases import POSTGRES, SQLITE
from tunetrace_site.replication.drain import drain
from tunetrace_site.replication.failures import (
    Meaning,
    diagnose,
    is_worth_a_new_connection,
    vendor_of,
)
from tunetrace_site.replication.marks import is_down
from tunetrace_site.replication.models import Parked
from tunetrace_site.replication.unit import run_unit

from .rows import assert_equal_databases, change_only

ROOT = Path(__file__).parents[3]
A_BUSY_MACHINE = 1.5


def connect_beside(proxy, pair, **options):
    """A connection of somebody else in this process."""
    address = {"host": str(proxy.directory), "user": "postgres", "dbname": pair.name}
    return psycopg2.connect(**address, **options)


def end_transaction(how):
    connection = connections[POSTGRES]
    connection.set_autocommit(False)
    User.objects.using(POSTGRES).create(user_id="ann")
    return getattr(connection, how)


WAYS_TO_WAIT = {
    "connect": lambda: connections[POSTGRES].close() or connections[POSTGRES].ensure_connection,
    "execute": lambda: User.objects.using(POSTGRES).count,
    "commit": lambda: end_transaction("commit"),
    "rollback": lambda: end_transaction("rollback"),
}


@pytest.mark.parametrize("prepare", WAYS_TO_WAIT.values(), ids=WAYS_TO_WAIT.keys())
def test_server_that_hangs_is_given_up_after_the_deadline(proxied, prepare):
    connections[POSTGRES].ensure_connection()
    wait = prepare()
    proxied.hang()
    began = time.monotonic()
    with pytest.raises(OperationalError, match=r"^no answer in 1 s$") as raised:
        wait()
    seconds = time.monotonic() - began
    proxied.resume()
    connections[POSTGRES].close()

    assert 0.95 < seconds < 1 + A_BUSY_MACHINE
    assert diagnose(raised.value) is Meaning.UNAVAILABLE
    assert vendor_of(raised.value) == "postgresql"
    assert not is_worth_a_new_connection(raised.value)


def test_server_that_answers_in_drops_is_given_up_too(pair):
    """Each notice wakes the one who waits; the deadline is that of the whole answer."""
    drop = "RAISE NOTICE 'drop'; PERFORM pg_sleep(0.1);"
    drops = f"DO $$ BEGIN FOR n IN 1..40 LOOP {drop} END LOOP; END $$"
    began = time.monotonic()
    with connections[POSTGRES].cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute(drops)
    assert 0.95 < time.monotonic() - began < 1 + A_BUSY_MACHINE


def test_patience_of_one_connection_is_its_own(pair):
    with connections[POSTGRES].patience(5), connections[POSTGRES].cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1.2)")
    with connections[POSTGRES].cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_sleep(1.2)")


def test_connection_of_others_waits_as_long_as_the_server_takes(proxied, pair):
    with closing(connect_beside(proxied, pair)) as theirs:
        proxied.hang()
        threading.Timer(1.5, proxied.resume).start()
        began = time.monotonic()
        cursor = theirs.cursor()
        cursor.execute("SELECT 1")
        theirs.commit()
        assert cursor.fetchone() == (1,)
        assert time.monotonic() - began > 1.4


def test_connection_of_others_keeps_its_own_connect_timeout(proxied, pair):
    proxied.hang()
    began = time.monotonic()
    with pytest.raises(psycopg2.OperationalError, match="no answer in 2 s"):
        connect_beside(proxied, pair, connect_timeout=1)  # libpq: two seconds at least
    assert 1.9 < time.monotonic() - began < 2 + A_BUSY_MACHINE
    proxied.resume()


def test_copy_is_refused_by_name_and_the_connection_goes_on(pair):
    with closing(pair.server.connect(pair.name)) as theirs:
        cursor = theirs.cursor()
        with pytest.raises(psycopg2.ProgrammingError, match="copy_expert cannot be used"):
            cursor.copy_expert("COPY auth_group TO STDOUT", io.StringIO())
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_descriptor_above_1023_is_waited_for(pair):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2048:
        pytest.skip("this machine allows a process fewer than 2,048 descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (2048, hard))
    try:
        connections.close_all()
        with ExitStack() as stack:
            while (taken := os.open(os.devnull, os.O_RDONLY)) < 1100:
                stack.callback(os.close, taken)
            stack.callback(os.close, taken)
            assert User.objects.using(POSTGRES).count() == 0
            assert connections[POSTGRES].connection.fileno() > 1023
            connections[POSTGRES].close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("text", ["nul \0", "half \ud800"])
def test_text_that_postgres_cannot_hold_is_a_refusal(pair, text):
    """psycopg2 refuses it with ValueError, before the server could."""
    with pytest.raises(DataError) as raised, transaction.atomic(using=POSTGRES):
        User.objects.using(POSTGRES).create(user_id="ann", display_name=text)
    assert diagnose(raised.value) is Meaning.REFUSED
    assert not is_down(POSTGRES)
    assert User.objects.using(POSTGRES).count() == 0


def test_text_that_only_sqlite_can_hold_is_parked(pair):
    change_only(SQLITE, lambda: User.objects.create(user_id="ann", display_name="nul \0"))
    change_only(SQLITE, lambda: User.objects.create(user_id="ben"))
    assert drain(SQLITE, POSTGRES) == 1
    assert Parked.objects.using(SQLITE).count() == 1
    change_only(SQLITE, lambda: User.objects.update(display_name="mended"))
    drain(SQLITE, POSTGRES)
    assert len(assert_equal_databases()) == 2


def test_text_that_only_sqlite_can_hold_does_not_fail_the_request(pair, settings):
    settings.DB_READ_PREFERENCE = "sqlite"
    run_unit(lambda: User.objects.create(user_id="ann", display_name="nul \0"))
    assert User.objects.using(SQLITE).get().display_name == "nul \0"


def start(tmp_path, *, url):
    """What ``manage.py check`` says where somebody has installed psycopg 3 as well."""
    (tmp_path / "psycopg").mkdir()
    (tmp_path / "psycopg" / "__init__.py").write_text("__version__ = '3.3.9'\n")
    for name in ("psycopg", "psycopg_binary"):
        information = tmp_path / f"{name}-3.3.9.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 3.3.9\n"
        )
    environment = {
        "PATH": os.environ["PATH"],
        "DEBUG": "true",
        "STATE_DIR": str(tmp_path / "state"),
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(tmp_path), "POSTGRES_DATABASE_URL": url},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_start_that_finds_psycopg_3_says_what_to_remove(tmp_path):
    result = start(tmp_path, url="postgres://localhost/music")
    assert result.returncode == 1
    assert result.stderr == (
        "POSTGRES_DATABASE_URL needs psycopg2-binary as its only driver, and Django would use "
        f"psycopg 3 ({tmp_path}/psycopg) instead. "
        f"Remove that: {sys.executable} -m pip uninstall --yes psycopg psycopg-binary\n"
    )


def test_start_with_sqlite_alone_minds_no_driver(tmp_path):
    assert start(tmp_path, url="").returncode == 0
