"""One ``MACHINE_NUMBER``, one machine: the second one is refused at once, and says so."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from accounts.models import User
from tests.servers.pair import installed
from tests.servers.site import ROOT
from tests.waiting import wait_until
from tunetrace_site.replication import machines
from tunetrace_site.replication.background import keep_number, run_relay
from tunetrace_site.replication.databases import POSTGRES
from tunetrace_site.replication.failures import Unavailable
from tunetrace_site.replication.machines import Claim, NumberClaim, NumberTaken, refuse_taken_number
from tunetrace_site.replication.marks import read_halts
from tunetrace_site.replication.models import Machine
from tunetrace_site.replication.relay import Relay
from tunetrace_site.replication.unit import run_unit

from .rows import assert_equal_databases


@pytest.fixture
def house(pair, tmp_path):
    """``with house(name):`` is what processes on a machine of that name see; all are number 1."""

    def enter(name):
        path = tmp_path / f"{name}.db"
        if not path.exists():
            pair.templates.copy_sqlite(path)
        return installed(path, pair.url, tmp_path / name)

    return enter


@pytest.fixture
def hurry(monkeypatch):
    monkeypatch.setattr(machines, "RENEW_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(machines, "WATCH_SECONDS", 0.2)


@contextmanager
def other_machine(pair, tmp_path):
    """The relay of another machine with the number 1, in a process of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "SQLITE_DATABASE_URL": f"sqlite:///{tmp_path / 'other.db'}",
        "POSTGRES_DATABASE_URL": pair.url,
        "STATE_DIR": str(tmp_path / "other"),
        "LOG_LEVEL": "error",
    }
    pair.templates.copy_sqlite(tmp_path / "other.db")
    command = [sys.executable, "manage.py", "relay"]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as relay:
        try:
            wait_until(lambda: Machine.objects.using(POSTGRES).filter(n_beats__gt=1).exists())
            yield
        finally:
            relay.terminate()


def test_start_with_a_number_in_use_is_refused_at_once_and_says_why(pair, tmp_path, monkeypatch):
    monkeypatch.setattr(machines, "WATCH_SECONDS", 600.0)  # nobody waits for so long
    with other_machine(pair, tmp_path):
        with pytest.raises(NumberTaken, match=r"MACHINE_NUMBER=1 is in use by .+ as well: give"):
            refuse_taken_number()
        environment = {
            "PATH": os.environ["PATH"],
            "SQLITE_DATABASE_URL": f"sqlite:///{tmp_path / 'third.db'}",
            "POSTGRES_DATABASE_URL": pair.url,
            "STATE_DIR": str(tmp_path / "third"),
        }
        start = subprocess.run(
            [sys.executable, "manage.py", "init_db"],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip
        assert start.returncode == 1
        assert re.search("CommandError: MACHINE_NUMBER=1 is in use by", start.stderr)


def test_relay_that_finds_its_number_in_use_takes_no_writes(pair, tmp_path, caplog):
    """PostgreSQL was away when this machine started, so nobody could refuse it then."""
    stop = threading.Event()
    with other_machine(pair, tmp_path):
        relay = threading.Thread(target=run_relay, args=[stop])
        relay.start()
        try:
            wait_until(read_halts)
            with pytest.raises(Unavailable):
                run_unit(lambda: User.objects.create(user_id="ann"))
            assert run_unit(User.objects.count, write=False) == 0
        finally:
            stop.set()
            relay.join(10)
    assert "MACHINE_NUMBER=1 is in use by" in caplog.text


def test_number_of_a_machine_that_has_ended_is_free_after_a_moment(house, hurry):
    with house("first"):
        assert NumberClaim().keep() is Claim.HELD
    with house("second"):
        claim = NumberClaim()
        assert claim.keep() is Claim.WATCHING
        assert not claim.may_relay
        time.sleep(0.25)
        assert claim.keep() is Claim.HELD
        assert Machine.objects.using(POSTGRES).get().holder == machines.read_machine_id()


def test_two_that_count_at_once_are_told_apart_by_who_was_first(house, hurry):
    with house("first"):
        first = NumberClaim()
        first.keep()
    with house("second"):
        second = NumberClaim()
        second.keep()
    for _ in range(2):
        with house("first"):
            assert first.keep() is Claim.HELD
        with house("second"):
            assert second.keep() is Claim.TAKEN
            assert not keep_number(second)
            assert len(read_halts()) == 1
    with house("second"):
        # The first one ends, and this one goes on.
        time.sleep(0.25)
        assert keep_number(second)
        assert read_halts() == []
        run_unit(lambda: User.objects.create(user_id="ann"))
        Relay().run_pass()
        assert len(assert_equal_databases()) == 1


def test_next_leader_of_the_same_machine_relays_without_a_pause(house, hurry):
    with house("first"):
        assert NumberClaim().keep() is Claim.HELD
        successor = NumberClaim()
        assert successor.keep() is Claim.WATCHING
        assert successor.may_relay
        time.sleep(0.25)
        assert successor.keep() is Claim.HELD
        refuse_taken_number()


def test_copy_of_a_running_machine_is_told_from_its_own_next_leader(house, hurry, tmp_path):
    """The same STATE_DIR, as after copying a virtual machine."""
    with house("first"):
        first = NumberClaim()
        first.keep()
    shutil.copytree(tmp_path / "first", tmp_path / "copy")
    with house("copy"):
        copy = NumberClaim()
        assert copy.keep() is Claim.WATCHING
    with house("first"):
        first.keep()
    with house("copy"):
        assert copy.keep() is Claim.TAKEN
        assert not copy.may_relay


def test_numbers_of_several_machines_do_not_meet(house, hurry, settings):
    claims = []
    for number in (1, 2):
        settings.MACHINE_NUMBER = number
        with house(f"machine{number}"):
            claims.append(NumberClaim())
            assert claims[-1].keep() is Claim.HELD
    assert Machine.objects.using(POSTGRES).count() == 2


def test_claim_waits_while_postgres_is_away(house, hurry, pair):
    with house("first"):
        claim = NumberClaim()
        pair.server.kill()
        assert keep_number(claim)  # nothing is known against it
        pair.server.start()
        Relay().run_pass()
        assert keep_number(claim)
        assert claim.claim is Claim.HELD
