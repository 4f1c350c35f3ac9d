"""Turns to write to SQLite: one at a time, not for ever, and with SQLite alone as well."""

import threading
import time
from contextlib import suppress

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD
from tests.servers.pair import installed
from tunetrace_site.replication.databases import SQLITE
from tunetrace_site.replication.failures import QueueTimeout, is_unavailable
from tunetrace_site.replication.unit import on_commit, run_unit, unit_of_work
from tunetrace_site.replication.write_queue import writer_turn

from .rows import assert_equal_databases


def test_queue_lets_writers_in_one_at_a_time(pair):
    inside, most = [], []

    def write():
        with writer_turn(SQLITE, timeout_seconds=20):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.002)
            inside.pop()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8


def test_queue_gives_up_after_its_timeout(pair):
    with writer_turn(SQLITE):
        failed = []

        def wait():
            try:
                with writer_turn(SQLITE, timeout_seconds=0.05):
                    pass
            except QueueTimeout as error:
                failed.append(is_unavailable(error))

        thread = threading.Thread(target=wait)
        thread.start()
        thread.join()
    assert failed == [True]


def test_turn_is_had_once_by_who_has_it_already(pair):
    with writer_turn(SQLITE), writer_turn(SQLITE, timeout_seconds=0.05):
        pass


def test_mail_sent_on_commit_holds_up_no_other_writer(pair, tmp_path):
    """Also with SQLite alone: what runs on commit runs when the turn is over."""
    with installed(tmp_path / "alone.db", None, tmp_path / "alone-state"):
        turns = []
        with unit_of_work():
            on_commit(lambda: turns.append(is_turn_free()))
        assert turns == [True]


def is_turn_free():
    """Whether another writer gets its turn to write to SQLite now."""
    taken = []

    def take_turn():
        with suppress(QueueTimeout), writer_turn(SQLITE, timeout_seconds=0.05):
            taken.append(True)

    thread = threading.Thread(target=take_turn)
    thread.start()
    thread.join()
    return bool(taken)


class ObservedHasher(MD5PasswordHasher):
    """Looks, while it hashes a password, whether another writer could write."""

    algorithm = "observed"
    seen = []

    def encode(self, password, salt):
        self.seen.append(is_turn_free())
        return super().encode(password, salt)


@pytest.fixture
def seen(pair, settings):
    """What the hasher has seen since somebody has an account; SQLite leads."""
    settings.DB_READ_PREFERENCE = "sqlite"
    settings.PASSWORD_HASHERS = [f"{__name__}.ObservedHasher"]
    run_unit(lambda: User.objects.create_superuser("op@example.org", PASSWORD))
    assert ObservedHasher.seen.pop() is False  # it notices a turn that is taken
    ObservedHasher.seen.clear()
    return ObservedHasher.seen


def test_sign_in_holds_up_no_other_writer(seen):
    client, path = Client(), "/accounts/login/"
    assert client.post(path, {"login": "op@example.org", "password": "wrong"}).status_code == 200
    assert client.post(path, {"login": "op@example.org", "password": PASSWORD}).status_code == 302
    assert seen
    assert all(seen)
    assert client.get("/admin/").status_code == 200
    assert_equal_databases()


def test_sign_up_and_new_passwords_hold_up_no_other_writer(seen):
    client = Client()
    steps = [
        ("/accounts/signup/", {"email": "ann@example.org", "password1": PASSWORD}),
        ("/accounts/reauthenticate/", {"password": PASSWORD}),
        (
            "/accounts/password/change/",
            {"oldpassword": PASSWORD, "password1": f"{PASSWORD}0", "password2": f"{PASSWORD}0"},
        ),
    ]
    for path, form in steps:
        assert client.post(path, form).status_code == 302
        assert seen, path
        assert all(seen), path
        seen.clear()
    assert User.objects.get(email="ann@example.org").check_password(f"{PASSWORD}0")
    assert_equal_databases()
